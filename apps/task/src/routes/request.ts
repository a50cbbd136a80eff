import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import type { Author } from '../domain/change/task-events.ts';
import { TaskError } from '../errors.ts';
import type { Idempotency } from '../store/requests.ts';

const MAX_KEY_LENGTH = 255;

/** The first value of a header that may be repeated. */
export function header(request: FastifyRequest, name: string): string | undefined {
  const value = request.headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/** Who makes a change, as the request says. */
export function authorOf({ principal, id }: FastifyRequest): Author {
  return { actor: principal.id, client: principal.client, requestId: id };
}

/**
 * What makes a repeated POST do nothing more (IETF draft-ietf-httpapi-idempotency-key-header).
 *
 * @throws TaskError `idempotency-key-invalid` for a key that is empty or too long
 */
export function idempotencyOf(request: FastifyRequest): Idempotency | null {
  const key = header(request, 'idempotency-key');
  if (key === undefined) return null;
  if (key === '' || key.length > MAX_KEY_LENGTH) {
    throw new TaskError('idempotency-key-invalid', `Idempotency-Key must have 1 to ${MAX_KEY_LENGTH} characters`);
  }
  const body = JSON.stringify(request.body ?? null);
  const fingerprint = createHash('sha256').update(`${request.method} ${request.url}\n${body}`).digest('hex');
  return { key: `${request.principal.id}:${key}`, fingerprint };
}
