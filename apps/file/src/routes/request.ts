import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Idempotency } from '../domain/write/changes.ts';
import type { Author } from '../domain/write/write-group.ts';
import { FileError } from '../errors.ts';

const MAX_KEY_LENGTH = 255;

/** The first value of a header that may be repeated. */
export function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Who makes a change, as the request says. */
export function authorOf(request: FastifyRequest): Author {
  return {
    actor: request.principal.id,
    client: request.principal.client,
    requestId: request.id,
    origin: 'api',
    traceparent: request.traceparent,
  };
}

/**
 * What makes a repeated POST do nothing more (IETF draft-ietf-httpapi-idempotency-key-header).
 *
 * @throws FileError `idempotency-key-invalid` for a key that is empty or too long
 */
export function idempotencyOf(request: FastifyRequest): Idempotency | null {
  const key = header(request, 'idempotency-key');
  if (key === undefined) return null;
  if (key === '' || key.length > MAX_KEY_LENGTH) {
    throw new FileError('idempotency-key-invalid', `Idempotency-Key must have 1 to ${MAX_KEY_LENGTH} characters`);
  }
  const body = Buffer.isBuffer(request.body) ? request.body : JSON.stringify(request.body ?? null);
  const fingerprint = createHash('sha256').update(`${request.method} ${request.url}\n`).update(body).digest('hex');
  return { key: `${request.principal.id}:${key}`, fingerprint };
}

/** The path a wildcard route was asked for, percent-decoded once by the router. */
export function pathOf(request: FastifyRequest): string {
  return (request.params as { '*': string })['*'];
}
