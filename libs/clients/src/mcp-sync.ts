import { type Static, Type } from 'typebox';
import type { Verification } from './file.ts';
import { Page, PageQuery } from './page.ts';

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
    type: Type.Optional(Type.Union([Type.String(), Type.Array(Type.String())], { description: '`vault.file.*`' })),
    after: Type.Optional(Type.String({ pattern: '^\\d+$', description: 'as Last-Event-ID' })),
  },
  closed,
);

/** How far the read side is. */
export const IndexStatus = Type.Object({
  files: Type.Integer({ description: 'files in the index' }),
  waiting: Type.Integer({ description: 'events not yet applied' }),
  position: Type.Integer({ description: 'the newest position of the event log' }),
  deadLetters: Type.Integer(),
  rebuilding: Type.Boolean(),
});
export const RebuildResult = Type.Object({ files: Type.Integer(), tookMs: Type.Number() });

export type SearchResult = Static<typeof SearchResult>;
export type SearchHit = Static<typeof SearchHit>;
export type GraphLink = Static<typeof GraphLink>;
export type IndexStatus = Static<typeof IndexStatus>;
export type RebuildResult = Static<typeof RebuildResult>;

/** What other services ask of the read side. */
export interface McpSyncApi {
  status(): Promise<IndexStatus>;
  /** Compares the index and the event log with the manifest. */
  verify(): Promise<Verification>;
  /** Empties the index and fills it again from the files. */
  rebuild(): Promise<RebuildResult>;
}
