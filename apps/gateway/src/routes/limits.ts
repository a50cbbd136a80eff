import type { Cache, Taken } from '@weave-nn/cache';
import type { Runtime } from '@weave-nn/config';
import type { GatewaySettings } from '../config.ts';
import { tooManyRequests } from '../errors.ts';

const MOST_REMEMBERED = 10_000;

/** How often an address may ask, all replicas of the gateway counted together. */
export interface Limits {
  /**
   * Answers later only when it has to ask Redis.
   *
   * @throws ProblemError 429 when the address has asked too often, or has shown too many wrong keys
   */
  admit(address: string): void | Promise<void>;
  /**
   * Counts a wrong key of an address.
   *
   * @throws ProblemError 429 when it is one too many
   */
  countRefusal(address: string): Promise<void>;
}

function tooMany(milliseconds: number) {
  return tooManyRequests(Math.max(1, Math.ceil(milliseconds / 1_000)));
}

function demand({ allowed, retryAfterMs }: Taken): void {
  if (!allowed) throw tooMany(retryAfterMs);
}

/** Makes the limits that the settings ask for; 0 means none. */
export function createLimits(
  cache: Cache,
  { RATE_LIMIT, AUTH_RATE_LIMIT }: Pick<GatewaySettings, 'RATE_LIMIT' | 'AUTH_RATE_LIMIT'>,
  runtime: Runtime,
): Limits {
  const requests = RATE_LIMIT > 0 ? cache.createLeases({ name: 'requests', limit: RATE_LIMIT }) : undefined;
  const refusals =
    AUTH_RATE_LIMIT > 0 ? cache.createLeases({ name: 'wrong-keys', limit: AUTH_RATE_LIMIT, block: 1 }) : undefined;
  /** Addresses that have shown too many wrong keys, and until when they are kept out. */
  const keptOut = new Map<string, number>();

  return {
    admit(address) {
      const until = keptOut.get(address);
      if (until !== undefined) {
        const left = until - runtime.monotonic();
        if (left > 0) throw tooMany(left);
        keptOut.delete(address);
      }
      if (!requests) return;
      const taken = requests.take(address);
      return taken instanceof Promise ? taken.then(demand) : demand(taken);
    },
    async countRefusal(address) {
      if (!refusals) return;
      const { allowed, retryAfterMs } = await refusals.take(address);
      if (allowed) return;
      if (keptOut.size >= MOST_REMEMBERED) keptOut.clear();
      keptOut.set(address, runtime.monotonic() + retryAfterMs);
      throw tooMany(retryAfterMs);
    },
  };
}
