/** Lets one piece of work of this process at a time have a path. */
export function createPathLocks() {
  const tails = new Map<string, Promise<void>>();

  /** @returns lets the key go again, once it is there */
  function acquire(key: string): { before: Promise<void> | undefined; release: () => void } {
    const before = tails.get(key);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const tail = before ? before.then(() => held) : held;
    tails.set(key, tail);
    let isNext = before === undefined;
    before?.then(() => {
      isNext = true;
    });
    const forget = () => {
      if (tails.get(key) === tail) tails.delete(key);
    };
    return {
      before,
      release() {
        release();
        if (isNext) forget();
        // A request that gives up waiting leaves the key to those before it.
        else tail.then(forget);
      },
    };
  }

  /** Takes a key unless somebody has it; null if so. */
  function takeNow(key: string): (() => void) | null {
    return tails.has(key) ? null : acquire(key).release;
  }

  return {
    /**
     * Waits for every key and takes them. Keys are taken in one order, so that two callers never wait for each other.
     *
     * @param keys each once, sorted
     * @param waitFor waits for a key to be released; no key is taken when it rejects
     * @returns lets them go again; calling it twice does nothing more
     * @throws what `waitFor` throws
     */
    async take(keys: readonly string[], waitFor: (released: Promise<void>) => Promise<void>): Promise<() => void> {
      const releases: (() => void)[] = [];
      const releaseAll = () => {
        for (const release of releases.splice(0)) release();
      };
      try {
        for (const key of keys) {
          const { before, release } = acquire(key);
          releases.push(release);
          if (before) await waitFor(before);
        }
      } catch (error) {
        releaseAll();
        throw error;
      }
      return releaseAll;
    },

    /**
     * Takes those keys that are free, or become so.
     *
     * @param keys each once, sorted
     * @param waitFor waits for a key to be released, for as long as it is worth it
     */
    async takeFree(
      keys: readonly string[],
      waitFor: (released: Promise<void>) => Promise<void>,
    ): Promise<{ taken: string[]; release: () => void }> {
      const releases = new Map<string, () => void>();
      for (const key of keys) {
        const tail = tails.get(key);
        if (tail) await waitFor(tail);
        const release = takeNow(key);
        if (release) releases.set(key, release);
      }
      const releaseAll = () => {
        for (const release of releases.values()) release();
        releases.clear();
      };
      return { taken: [...releases.keys()], release: releaseAll };
    },

    takeNow,
  };
}

export type PathLocks = ReturnType<typeof createPathLocks>;
