import type { Runtime } from '@weave-nn/config';
import type { Redis } from 'ioredis';
import type { MemoryStore } from '../memory-store.ts';
import type { Store } from '../store.ts';
import { dropAll, plantVersions, readRunId } from './commands.ts';
import type { Keys } from './keys.ts';
import type { Link } from './link.ts';
import type { Unsent } from './unsent.ts';

/** Milliseconds: what other replicas change while Redis is away is not heard of here. */
const MAX_FALLBACK_MS = 5_000;

export interface RedisStoreOptions {
  keys: Keys;
  unsent: Unsent;
  runtime: Runtime;
}

/** Drops, in Redis, what goes by these names. */
async function drop(redis: Redis, names: readonly string[], { keys, runtime }: RedisStoreOptions): Promise<void> {
  const values = names.filter(keys.isValue);
  const tags = names.filter((name) => !keys.isValue(name));
  if (names.length > 0) await dropAll(redis, { tags, values }, runtime.uuid());
}

/**
 * Makes Redis fit to be read from again: drops what was dropped while it was away, and everything when it is another
 * run of the server, which may have come up with a state of before. Writes in any case, so that a Redis that takes no
 * writes is not taken for usable.
 */
export async function prepareRedis(redis: Redis, options: RedisStoreOptions): Promise<void> {
  const { keys, unsent, runtime } = options;
  const names = unsent.names();
  const ticket = unsent.add(names);
  const run = (await readRunId(redis)) ?? runtime.uuid();
  const isSameRun = (await redis.get(keys.run)) === run;
  await drop(redis, isSameRun ? names : [...new Set([...names, keys.epoch])], options);
  await redis.set(keys.run, run);
  unsent.settle(names, ticket);
}

async function read(redis: Redis, value: string, versions: readonly string[], runtime: Runtime) {
  const [stored = null, ...found] = await redis.mget(value, ...versions);
  const isComplete = found.every((version) => version !== null);
  return { stored, versions: isComplete ? found : await plantVersions(redis, versions, runtime.uuid()) };
}

/** Creates a store in Redis; while it is away, a short-lived one in this process. */
export function createRedisStore(link: Link, fallback: MemoryStore, options: RedisStoreOptions): Store {
  const { keys, unsent, runtime } = options;

  async function dropEverywhere(names: readonly string[]): Promise<void> {
    const ticket = unsent.add(names);
    const done = await link.ask((redis) => drop(redis, names, options).then(() => true));
    if (done) unsent.settle(names, ticket);
  }

  return {
    async lookup(key, tags) {
      const name = keys.value(key);
      const versions = [keys.epoch, ...tags.map(keys.tag)];
      const found = await link.ask((redis) => read(redis, name, versions, runtime));
      if (!found) {
        const here = fallback.lookup(key, tags);
        return { ...here, keep: (text, ttl) => here.keep(text, Math.min(ttl, MAX_FALLBACK_MS)) };
      }
      const stamp = found.versions.join(' ');
      const head = `${stamp}\n`;
      return {
        stamp,
        text: found.stored?.startsWith(head) ? found.stored.slice(head.length) : undefined,
        async keep(text, ttl) {
          await link.ask((redis) => redis.set(name, head + text, 'PX', ttl));
        },
      };
    },
    async invalidate(tags) {
      fallback.invalidate(tags);
      await dropEverywhere(tags.map(keys.tag));
    },
    async delete(key) {
      fallback.delete(key);
      await dropEverywhere([keys.value(key)]);
    },
  };
}
