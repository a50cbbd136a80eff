import type { Runtime } from '@weave-nn/config';
import type { CacheStatus } from '../cache.ts';
import type { Borrow } from '../leases.ts';
import type { MemoryStore } from '../memory-store.ts';
import type { Report } from '../report.ts';
import type { Store } from '../store.ts';
import { parseAddress } from './address.ts';
import { borrowUses } from './commands.ts';
import { createKeys } from './keys.ts';
import { keepLinked } from './link.ts';
import { createRedisStore, prepareRedis } from './store.ts';
import { createUnsent } from './unsent.ts';

/** What the cache is made of when there is a Redis. */
export interface OpenedRedis {
  store: Store;
  borrow: Borrow;
  status(): CacheStatus;
  close(): Promise<void>;
}

/**
 * Opens Redis; resolves after the first attempt to reach it.
 *
 * @param options.fallback is used while Redis is away
 * @throws CacheError `redis-address-invalid`
 */
export async function openRedis(options: {
  url: string;
  prefix: string;
  fallback: MemoryStore;
  runtime: Runtime;
  report: Report;
}): Promise<OpenedRedis> {
  const { prefix, fallback, runtime, report } = options;
  const address = parseAddress(options.url);
  const keys = createKeys(prefix);
  const unsent = createUnsent(keys.epoch);
  const shared = { keys, unsent, runtime };
  // Loaded here, so that a process without Redis doesn't pay for it.
  const { Redis } = await import('ioredis');
  const link = keepLinked({
    Client: Redis,
    address,
    prepare: (redis) => prepareRedis(redis, shared),
    admit() {
      if (!unsent.isEmpty()) return false;
      fallback.clear();
      return true;
    },
    runtime,
    report,
  });
  await link.tried;
  return {
    store: createRedisStore(link, fallback, shared),
    borrow: (key, lease) => link.ask((redis) => borrowUses(redis, keys.window(lease.name, key), lease)),
    status() {
      const trouble = link.trouble();
      return trouble
        ? { status: 'degraded', detail: `${trouble.message}; this process caches and limits by itself` }
        : { status: 'ok', detail: `Redis at ${address.label}` };
    },
    close: () => link.close(),
  };
}
