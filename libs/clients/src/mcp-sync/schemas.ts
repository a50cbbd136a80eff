import { type Static, Type } from '@weave-nn/config';
import { Page, PageQuery } from '../page.ts';

const closed = { additionalProperties: false };

export const SearchQuery = Type.Object(
  {
    q: Type.String({ minLength: 1, maxLength: 2000 }),
    mode: Type.Optional(
      Type.Unsafe<'text' | 'semantic' | 'hybrid'>({ type: 'string', enum: ['text', 'semantic', 'hybrid'] }),
    ),
    folder: Type.Optional(Type.String()),
    tag: Type.Optional(Type.String()),
    ...PageQuery,
  },
  closed,
);

export const SearchHit = Type.Object({
  path: Type.String(),
  title: Type.String(),
  score: Type.Number({ description: 'greater is better; comparable within one answer only' }),
  snippet: Type.String({ description: 'HTML-escaped text with <mark> round each match' }),
  matches: Type.Array(Type.Object({ line: Type.Integer(), start: Type.Integer(), end: Type.Integer() })),
});
export const SearchResult = Type.Object({
  items: Type.Array(SearchHit),
  total: Type.Integer(),
  tookMs: Type.Number(),
  nextCursor: Type.Union([Type.String(), Type.Null()]),
});

export const GraphLink = Type.Object({
  source: Type.String(),
  target: Type.Union([Type.String(), Type.Null()], { description: 'null while no file has that name' }),
  link: Type.String({ description: 'the target as it is written' }),
  subpath: Type.String(),
  alias: Type.Union([Type.String(), Type.Null()]),
  embed: Type.Boolean(),
  line: Type.Integer(),
});
export const GraphLinkPage = Page(GraphLink);
export const Neighbourhood = Type.Object({
  nodes: Type.Array(Type.Object({ path: Type.String(), distance: Type.Integer() })),
  edges: Type.Array(Type.Object({ source: Type.String(), target: Type.String() })),
  truncated: Type.Boolean(),
});
export const NeighbourhoodQuery = Type.Object(
  { depth: Type.Optional(Type.Integer({ minimum: 1, maximum: 5, default: 1 })) },
  closed,
);
export const Orphan = Type.Object({ path: Type.String(), title: Type.String() });
export const OrphanPage = Page(Orphan);
export const UnresolvedLink = Type.Object({
  link: Type.String(),
  count: Type.Integer(),
  sources: Type.Array(Type.String(), { description: 'the first hundred notes that have it' }),
});
export const UnresolvedPage = Page(UnresolvedLink);
export const TagCount = Type.Object({ tag: Type.String(), count: Type.Integer() });
export const TagPage = Page(TagCount);
export const ListQuery = Type.Object(PageQuery, closed);

export const EventStreamQuery = Type.Object(
  {
    type: Type.Optional(
      Type.Union([Type.String(), Type.Array(Type.String())], {
        description: '`vault.file.*`, or several with commas',
      }),
    ),
    after: Type.Optional(Type.String({ pattern: '^\\d+$', description: 'as Last-Event-ID' })),
  },
  closed,
);

/**
 * `replaying`: sent to its queue again, or about to be; `replayed`: applied then; `superseded`: a newer event of its
 * subject had been applied meanwhile.
 */
export const deadLetterStates = ['dead', 'replaying', 'replayed', 'superseded'] as const;
export type DeadLetterState = (typeof deadLetterStates)[number];

const Time = Type.String({ format: 'date-time' });
const Death = {
  error: Type.String(),
  attempts: Type.Integer(),
  firstAt: Time,
  diedAt: Time,
};
const deadLetterFilters = {
  queue: Type.Optional(Type.String()),
  consumer: Type.Optional(Type.String()),
  type: Type.Optional(Type.String({ description: 'as it is: `vault.file.created`' })),
};
const StateName = (options: object = {}) =>
  Type.Unsafe<DeadLetterState>({ type: 'string', enum: deadLetterStates, ...options });

/** An event, or a message that is none, that a consumer could not apply. */
export const DeadLetter = Type.Object({
  id: Type.String(),
  eventId: Type.String(),
  type: Type.String(),
  queue: Type.String(),
  consumer: Type.String(),
  subject: Type.Union([Type.String(), Type.Null()], { description: 'null when it is no event' }),
  ...Death,
  state: StateName({
    description: '`replaying` until its consumer has said what became of it; `superseded` when it was overtaken',
  }),
  stateAt: Type.String({ format: 'date-time', description: 'when it came into its state' }),
  history: Type.Array(Type.Object(Death), { description: 'earlier deaths, the newest first' }),
});
export const DeadLetterPage = Page(DeadLetter);
export const DeadLetterDetails = Type.Object({
  ...DeadLetter.properties,
  body: Type.String({ description: 'the message as it was sent; JSON when it is an event' }),
});
export const ListDeadLettersQuery = Type.Object(
  { ...deadLetterFilters, state: Type.Optional(StateName()), ...PageQuery },
  closed,
);
export const ReplayRequest = Type.Object(
  {
    ...deadLetterFilters,
    limit: Type.Optional(Type.Integer({ minimum: 1, description: 'at most so many; all when left out' })),
  },
  closed,
);
export const ReplayStarted = Type.Object({ replaying: Type.Integer({ description: 'how many are sent again' }) });

/** How far the read side is. */
export const IndexStatus = Type.Object({
  files: Type.Integer({ description: 'files in the index' }),
  waiting: Type.Integer({ description: 'events that the index or the event log has not applied yet' }),
  position: Type.Integer({ description: 'the newest position of the event log' }),
  deadLetters: Type.Integer({ description: 'those that are dead, or being replayed' }),
  rebuilding: Type.Boolean(),
});
/** Which state of a path to wait for, and for how long. */
export const AppliedQuery = Type.Object(
  {
    path: Type.String(),
    sequence: Type.Integer({ minimum: 0 }),
    timeout: Type.Integer({ minimum: 0, maximum: 30_000, description: 'milliseconds' }),
  },
  closed,
);
export const Applied = Type.Object({ applied: Type.Boolean() });

export type SearchResult = Static<typeof SearchResult>;
export type SearchHit = Static<typeof SearchHit>;
export type GraphLink = Static<typeof GraphLink>;
export type DeadLetter = Static<typeof DeadLetter>;
export type DeadLetterDetails = Static<typeof DeadLetterDetails>;
export type ReplayRequest = Static<typeof ReplayRequest>;
export type ReplayStarted = Static<typeof ReplayStarted>;
export type IndexStatus = Static<typeof IndexStatus>;
