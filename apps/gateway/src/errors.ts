import { ClientError } from '@weave-nn/clients';
import { ProblemError, type Statuses } from '@weave-nn/service';
import type { Lack } from './domain/access.ts';
import type { KeyRefusal } from './domain/key-ring.ts';
import type { Need } from './domain/route-table.ts';

export type GatewayErrorCode =
  | 'cursor-invalid'
  | 'expiry-past'
  | 'idempotency-key-invalid'
  | 'idempotency-key-reused'
  | 'job-not-found'
  | 'key-not-found'
  | 'not-a-note'
  | Lack;

/** What the gateway refuses by its own rules, with a stable code and a sentence to act on. */
export class GatewayError extends Error {
  readonly code: GatewayErrorCode;

  constructor(code: GatewayErrorCode, message: string) {
    super(message);
    this.name = 'GatewayError';
    this.code = code;
  }
}

export const statuses: Statuses = {
  'path-outside-vault': 400,
  'path-invalid': 400,
  'cursor-invalid': 400,
  'expiry-past': 400,
  'idempotency-key-invalid': 400,
  'role-too-low': 403,
  'scope-missing': 403,
  'key-not-found': 404,
  'job-not-found': 404,
  'idempotency-key-reused': 422,
  'not-a-note': 422,
} satisfies Record<GatewayErrorCode | 'path-outside-vault' | 'path-invalid', number>;

const refusals: Readonly<Record<KeyRefusal, string>> = {
  'key-wrong': 'The key is not one of this system.',
  'key-expired': 'The key has expired.',
  'key-revoked': 'The key was revoked.',
};

export const keyMissing = () =>
  new ProblemError(401, 'key-missing', 'Send the key as `Authorization: Bearer <key>`.', {
    'www-authenticate': 'Bearer realm="weave-nn"',
  });

export const keyRefused = (code: KeyRefusal) =>
  new ProblemError(401, code, refusals[code], {
    'www-authenticate': 'Bearer realm="weave-nn", error="invalid_token"',
  });

/** @param reason the database's error code; its words may name hosts, and the caller is not known yet */
export const keysUnavailable = (reason: string) =>
  new ProblemError(503, 'keys-unavailable', `Keys cannot be looked up at the moment (${reason}).`, {
    'retry-after': '1',
  });

export const accessRefused = (lack: Lack, { role, scope }: Exclude<Need, 'nothing'>) =>
  new ProblemError(
    403,
    lack,
    lack === 'role-too-low' ? `This needs the role ${role}.` : `This needs a key with the scope ${scope}.`,
    {
      'www-authenticate': `Bearer realm="weave-nn", error="insufficient_scope"${scope ? `, scope="${scope}"` : ''}`,
    },
  );

export const serviceAway = (service: string) =>
  new ProblemError(503, 'service-unavailable', `The service ${service} does not answer.`, { 'retry-after': '1' });

export const jobsUnavailable = (services: readonly string[]) =>
  new ProblemError(
    503,
    'jobs-unavailable',
    `There is no such job at the services that answer; ${services.join(', ')} cannot be reached at the moment.`,
    { 'retry-after': '1' },
  );

export const serviceSlow = (service: string) =>
  new ProblemError(504, 'service-timeout', `The service ${service} does not answer in time.`);

export const tooManyRequests = (seconds: number) =>
  new ProblemError(429, 'too-many-requests', `Too many requests; try again in ${seconds} s.`, {
    'retry-after': String(seconds),
  });

export const bodyTooLarge = (most: number) =>
  new ProblemError(413, 'body-too-large', `The body is larger than the ${most} bytes that are taken.`);

/**
 * Calls services for a request that the gateway responds to itself.
 *
 * @throws ProblemError with the status and code of the service that refused, or does not answer
 */
export async function callServices<Result>(call: () => Promise<Result>): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    if (error instanceof ClientError) throw new ProblemError(error.status, error.code, error.message);
    throw error;
  }
}
