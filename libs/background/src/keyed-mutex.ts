import { Mutex } from 'async-mutex';

/** Excludes work that names the same key from running at the same time, within this process. */
export interface KeyedMutex {
  /** Does the work once none of its keys is in use by other work. */
  runExclusive<Result>(keys: readonly string[], work: () => Promise<Result>): Promise<Result>;
}

/** Creates a mutex for each key that is in use. */
export function createKeyedMutex(): KeyedMutex {
  const inUse = new Map<string, { mutex: Mutex; users: number }>();

  async function acquire(key: string): Promise<() => void> {
    const entry = inUse.get(key) ?? { mutex: new Mutex(), users: 0 };
    inUse.set(key, entry);
    entry.users++;
    const release = await entry.mutex.acquire();
    return () => {
      release();
      entry.users--;
      if (entry.users === 0) inUse.delete(key);
    };
  }

  return {
    async runExclusive(keys, work) {
      const releases: (() => void)[] = [];
      try {
        // Always in the same order, so that no two wait for each other.
        for (const key of [...new Set(keys)].sort()) releases.push(await acquire(key));
        return await work();
      } finally {
        for (const release of releases) release();
      }
    },
  };
}
