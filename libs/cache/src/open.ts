import type { Runtime } from '@weave-nn/config';
import type { Cache } from './cache.ts';
import { createLeases } from './leases.ts';
import { createMemoryStore, type MemoryLimits } from './memory-store.ts';
import { openRedis } from './redis/open.ts';
import type { Report } from './report.ts';
import { computeOnce } from './single-flight.ts';

export interface CacheOptions {
  /** `redis://` or `rediss://[user:password@]host[:port][/database]`; memory when left out. */
  url?: string | undefined;
  /** What all keys in Redis begin with; the same for those who keep the same values, in the same shape. */
  prefix: string;
  runtime: Runtime;
  /** Told once when Redis becomes unusable, and once, without an error, when it is used again. */
  report: Report;
  /** For the values kept in this process: all of them without Redis, short-lived ones while it is away. */
  memory?: MemoryLimits;
}

const DEFAULT_MEMORY: MemoryLimits = { entries: 10_000, bytes: 32 * 2 ** 20 };

/**
 * Opens the cache: in Redis where one is named, in memory otherwise.
 *
 * Resolves after the first attempt to reach Redis, which takes two seconds at most; when it fails the cache works in
 * memory, says `degraded` and goes on trying.
 *
 * @throws CacheError `redis-address-invalid`
 */
export async function openCache(options: CacheOptions): Promise<Cache> {
  const { url, prefix, runtime, report, memory = DEFAULT_MEMORY } = options;
  const inMemory = createMemoryStore(memory, runtime);
  if (url === undefined) {
    return {
      ...computeOnce(inMemory, runtime),
      createLeases: (leases) => createLeases(leases, async () => undefined, runtime),
      status: () => ({ status: 'ok', detail: 'in memory' }),
      close: async () => inMemory.clear(),
    };
  }
  const redis = await openRedis({ url, prefix, fallback: inMemory, runtime, report });
  return {
    ...computeOnce(redis.store, runtime),
    createLeases: (leases) => createLeases(leases, redis.borrow, runtime),
    status: redis.status,
    close: redis.close,
  };
}
