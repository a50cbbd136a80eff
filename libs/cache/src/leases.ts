import type { Runtime } from '@weave-nn/config';

export interface LeasesOptions {
  /** What is limited; leases of one name share their counts. */
  name: string;
  /** How many uses a key has in a window. */
  limit: number;
  /**
   * How many uses a replica takes from Redis at a time, a tenth of the limit unless said. The larger, the fewer round
   * trips, and the more uses may end unused on a replica that has leased them while another refuses.
   */
  block?: number;
  /** Milliseconds of a window; a second unless said. */
  window?: number;
}

/** Whether a use is within the limit. */
export interface Taken {
  allowed: boolean;
  /** Milliseconds until the key has uses again; 0 when allowed. */
  retryAfterMs: number;
}

/**
 * A limit of uses by key.
 *
 * Windows are fixed: a key's window begins with its first use and, with Redis, ends by Redis's own clock, so that the
 * clocks of replicas don't matter. All replicas together allow `limit` in a window; as windows follow each other,
 * that is twice the limit at most in any span as long as one. While Redis is away every replica allows the full limit
 * by itself.
 */
export interface Leases {
  /** Takes one use of a key. Never fails, and answers later only when it waits for Redis since a block is used up. */
  take(key: string): Taken | Promise<Taken>;
}

/** A share of a key's window. */
export interface Share {
  /** Uses; fewer than asked for when the window has no more. */
  granted: number;
  /** Milliseconds until the window is over. */
  endsIn: number;
}

/** Gets a share of a key's window from where all replicas count; undefined when that is away or there is none. */
export type Borrow = (key: string, options: Required<LeasesOptions>) => Promise<Share | undefined>;

interface Lease {
  left: number;
  /** The end of the window, on the runtime's monotonic clock. */
  until: number;
  /** Whether the window has no more beyond it. */
  isLast: boolean;
}

const MAX_KEYS = 50_000;
const ALLOWED: Taken = { allowed: true, retryAfterMs: 0 };

/** Creates leases that are borrowed in blocks, and counted here while nobody lends. */
export function createLeases(options: LeasesOptions, borrow: Borrow, runtime: Runtime): Leases {
  const { name, limit, block = Math.max(1, Math.ceil(limit / 10)), window = 1_000 } = options;
  const complete = { name, limit, block, window };
  const leases = new Map<string, Lease>();
  const renewals = new Map<string, Promise<void>>();

  async function renew(key: string): Promise<void> {
    // The window's end is counted from before the question, so that a share is never used after it.
    const asked = runtime.monotonic();
    const share = await borrow(key, complete);
    const lease = share
      ? { left: share.granted, until: asked + share.endsIn, isLast: share.granted < block }
      : { left: limit, until: asked + window, isLast: true };
    leases.delete(key);
    leases.set(key, lease);
    if (leases.size > MAX_KEYS) {
      const [oldest] = leases.keys();
      if (oldest !== undefined) leases.delete(oldest);
    }
  }

  function renewOnce(key: string): Promise<void> {
    const running = renewals.get(key);
    if (running) return running;
    const renewal = renew(key).finally(() => renewals.delete(key));
    renewals.set(key, renewal);
    return renewal;
  }

  /** From what is leased; undefined when that is used up or over. */
  function takeLeased(key: string): Taken | undefined {
    const lease = leases.get(key);
    const remaining = lease ? lease.until - runtime.monotonic() : 0;
    if (!lease || remaining <= 0) return undefined;
    if (lease.left > 0) {
      lease.left--;
      return ALLOWED;
    }
    return lease.isLast ? { allowed: false, retryAfterMs: Math.ceil(remaining) } : undefined;
  }

  async function takeRenewed(key: string): Promise<Taken> {
    for (;;) {
      await renewOnce(key);
      const taken = takeLeased(key);
      if (taken) return taken;
    }
  }

  return { take: (key) => takeLeased(key) ?? takeRenewed(key) };
}
