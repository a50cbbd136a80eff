import { type Static, Type } from '@weave-nn/config';
import { Page, PageQuery } from './page.ts';

const closed = { additionalProperties: false };

/** What somebody may do, each role all that the one before it may: read, change files, administer. */
export const roles = ['reader', 'editor', 'admin'] as const;
export type Role = (typeof roles)[number];

/** What a key can be narrowed to, and what each lets it do as far as its role does. */
export const scopes = {
  'files:read': 'list and read files and their former contents',
  'files:write': 'change files, and ask what a change would do',
  'tasks:read': 'list and read tasks, their projects and comments',
  'tasks:write': 'change them, also where they stand in notes',
  'search:read': 'search, the link graph and tags',
  'git:read': 'the history of the notes',
  'git:write': 'commit, restore and synchronise',
  'events:read': 'the event stream, of what the other scopes let read',
  'system:read': 'the health of the system',
  admin: 'keys, and the care of the system',
} as const;
export type Scope = keyof typeof scopes;

const scopeNames = Object.keys(scopes) as Scope[];

const RoleName = Type.Unsafe<Role>({ type: 'string', enum: roles });
const ScopeNames = (options: object = {}) =>
  Type.Array(Type.Unsafe<Scope>({ type: 'string', enum: scopeNames }), {
    description: `${Object.entries(scopes)
      .map(([scope, allowed]) => `\`${scope}\`: ${allowed}`)
      .join('; ')}; none for all that the role allows`,
    ...options,
  });
const Time = (description: string) => Type.String({ format: 'date-time', description });
const TimeOrNull = (description: string) => Type.Union([Time(description), Type.Null()]);

/** A key as it is shown: everything but what lets in. */
export const ApiKey = Type.Object({
  id: Type.String(),
  prefix: Type.String({ description: 'how the key begins, to tell it from others' }),
  name: Type.String(),
  role: RoleName,
  scopes: ScopeNames(),
  createdAt: Time('when it was made'),
  expiresAt: TimeOrNull('from when on it no longer lets in'),
  lastUsedAt: TimeOrNull('when it last let in, to the minute'),
  revokedAt: TimeOrNull('when it was revoked'),
});
export const ApiKeyPage = Page(ApiKey);
export const ListKeysQuery = Type.Object(PageQuery, closed);

export const CreateKeyRequest = Type.Object(
  {
    name: Type.String({
      description: 'who or what it is for',
      maxLength: 200,
      pattern: '^[^\\p{Cc}]*[^\\p{Cc}\\s][^\\p{Cc}]*$',
    }),
    role: RoleName,
    scopes: Type.Optional(ScopeNames({ uniqueItems: true })),
    expiresAt: Type.Optional(Time('from when on it no longer lets in; never when left out')),
  },
  closed,
);

/** A key that was just made. */
export const CreatedKey = Type.Object({
  ...ApiKey.properties,
  secret: Type.Union([Type.String(), Type.Null()], {
    description: 'the key itself, shown this once; null when the request repeats one that was answered',
  }),
});

export type ApiKey = Static<typeof ApiKey>;
export type CreateKeyRequest = Static<typeof CreateKeyRequest>;
export type CreatedKey = Static<typeof CreatedKey>;
