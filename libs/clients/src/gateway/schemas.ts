import { type Static, Type } from '@weave-nn/config';
import { type Role, roles, type Scope, scopes } from '../access/roles.ts';
import { Page, PageQuery } from '../page.ts';

const closed = { additionalProperties: false };

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
