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
    return {
      before,
      release() {
        if (tails.get(key) === tail) tails.delete(key);
        release();
      },
    };
  }

  return {
    /**
     * Waits for every key and takes them. Keys are taken in one order, so that two callers never wait for each other.
     *
     * @param keys each once, sorted
     * @returns lets them go again; calling it twice does nothing more
     */
    async take(keys: readonly string[]): Promise<() => void> {
      const releases: (() => void)[] = [];
      for (const key of keys) {
        const { before, release } = acquire(key);
        if (before) await before;
        releases.push(release);
      }
      return () => {
        for (const release of releases.splice(0)) release();
      };
    },

    /** Takes a key unless somebody has it; null if so. */
    takeNow(key: string): (() => void) | null {
      return tails.has(key) ? null : acquire(key).release;
    },
  };
}

export type PathLocks = ReturnType<typeof createPathLocks>;
