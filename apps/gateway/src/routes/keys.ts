import { type ApiKey, ApiKeyPage, CreatedKey, CreateKeyRequest, ListKeysQuery } from '@weave-nn/clients';
import { Type } from '@weave-nn/config';
import type { App } from '@weave-nn/service';
import type { FastifyRequest } from 'fastify';
import type { Keys } from '../domain/keys.ts';
import type { StoredKey } from '../domain/stored-key.ts';
import { GatewayError } from '../errors.ts';

const LARGEST_BODY = 64 * 1024;
const MAX_IDEMPOTENCY_KEY_LENGTH = 255;

function time(milliseconds: number | null): string | null {
  return milliseconds === null ? null : new Date(milliseconds).toISOString();
}

function describeKey(key: StoredKey): ApiKey {
  const { id, prefix, name, role, scopes, createdAt, expiresAt, lastUsedAt, revokedAt } = key;
  return {
    id,
    prefix,
    name,
    role,
    scopes: [...scopes],
    createdAt: new Date(createdAt).toISOString(),
    expiresAt: time(expiresAt),
    lastUsedAt: time(lastUsedAt),
    revokedAt: time(revokedAt),
  };
}

/** The name that makes a repeated request do nothing more (IETF draft-ietf-httpapi-idempotency-key-header). */
function idempotencyKeyOf({ headers }: FastifyRequest): string | null {
  const key = headers['idempotency-key'];
  if (key === undefined) return null;
  if (typeof key !== 'string' || key === '' || key.length > MAX_IDEMPOTENCY_KEY_LENGTH) {
    throw new GatewayError(
      'idempotency-key-invalid',
      `Idempotency-Key must have 1 to ${MAX_IDEMPOTENCY_KEY_LENGTH} characters`,
    );
  }
  return key;
}

/** `/v1/auth/keys`: who may come in. The key of the settings is none of these. */
export function keyRoutes(app: App, keys: Keys): void {
  app.get('/v1/auth/keys', {
    schema: {
      summary: 'List keys, revoked ones too',
      tags: ['keys'],
      querystring: ListKeysQuery,
      response: { 200: ApiKeyPage },
    },
    async handler({ query }) {
      const { items, nextCursor } = await keys.page(query);
      return { items: items.map(describeKey), nextCursor };
    },
  });
  app.post('/v1/auth/keys', {
    schema: {
      summary: 'Make a key',
      description:
        'The secret is in the answer and kept nowhere. A request repeated with its Idempotency-Key makes no other key and is answered with 200 and without the secret: when the first answer was lost, revoke that key and make another.',
      tags: ['keys'],
      body: CreateKeyRequest,
      response: { 200: CreatedKey, 201: CreatedKey },
    },
    bodyLimit: LARGEST_BODY,
    async handler(request, reply) {
      const { key, secret } = await keys.create(request.body, request.caller, idempotencyKeyOf(request));
      if (secret !== null) request.log.info({ key: key.id, by: request.caller.id }, 'key made');
      reply.code(secret === null ? 200 : 201).header('cache-control', 'no-store');
      return { ...describeKey(key), secret };
    },
  });
  app.delete('/v1/auth/keys/:id', {
    schema: {
      summary: 'Revoke a key',
      tags: ['keys'],
      params: Type.Object({ id: Type.String() }),
      response: { 204: Type.Null() },
    },
    async handler(request, reply) {
      await keys.revoke(request.params.id);
      request.log.info({ key: request.params.id, by: request.caller.id }, 'key revoked');
      return reply.code(204).send(null);
    },
  });
}
