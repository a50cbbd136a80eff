import type { Cache, Taken } from '@weave-nn/cache';
import type { Runtime } from '@weave-nn/config';
import type { GatewaySettings } from '../config.ts';
import { tooManyRequests } from '../errors.ts';

const MAX_REMEMBERED = 10_000;

/** How often an address may ask, all replicas of the gateway counted together. */
export interface Limits {
  /**
   * Counts a request whose key is valid. Answers later only when it has to ask Redis.
   *
   * @throws ProblemError 429 when the address has asked too often
   */
  admit(address: string): void | Promise<void>;
  /**
   * Counts a request without a valid key. These have a share of their own, so that whoever guesses keys takes nothing
   * from others behind the same address.
   *
   * @param kind `missing` when it has no key at all, which is no guess
   * @throws ProblemError 429 when it is one too many
   */
  countRefusal(address: string, kind: 'missing' | 'wrong'): Promise<void>;
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
  const createLeases = (name: string, limit: number, block?: number) =>
    limit > 0 ? cache.createLeases({ name, limit, ...(block === undefined ? {} : { block }) }) : undefined;
  const requests = createLeases('requests', RATE_LIMIT);
  const refusals = {
    missing: createLeases('missing-keys', RATE_LIMIT),
    wrong: createLeases('wrong-keys', AUTH_RATE_LIMIT || RATE_LIMIT, 1),
  };
  /** Until when an address that has shown too many wrong keys is told so without a count. */
  const keptOut = new Map<string, number>();

  return {
    admit(address) {
      if (!requests) return;
      const taken = requests.take(address);
      return taken instanceof Promise ? taken.then(demand) : demand(taken);
    },
    async countRefusal(address, kind) {
      const until = keptOut.get(address);
      if (until !== undefined && kind === 'wrong') {
        const left = until - runtime.monotonic();
        if (left > 0) throw tooMany(left);
        keptOut.delete(address);
      }
      const taken = await refusals[kind]?.take(address);
      if (!taken || taken.allowed) return;
      if (kind === 'wrong') {
        if (keptOut.size >= MAX_REMEMBERED) keptOut.clear();
        keptOut.set(address, runtime.monotonic() + taken.retryAfterMs);
      }
      throw tooMany(taken.retryAfterMs);
    },
  };
}
