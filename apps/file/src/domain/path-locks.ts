/** Lets one piece of work at a time have a path. */
export function createPathLocks() {
  const tails = new Map<string, Promise<void>>();

  async function acquire(key: string): Promise<() => void> {
    const before = tails.get(key);
    let release = () => {};
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const tail = before ? before.then(() => held) : held;
    tails.set(key, tail);
    if (before) await before;
    return () => {
      if (tails.get(key) === tail) tails.delete(key);
      release();
    };
  }

  return {
    /**
     * Waits for every key and takes them. Keys are taken in one order, so that two callers never wait for each other.
     *
     * @returns lets them go again; calling it twice does nothing more
     */
    async take(keys: Iterable<string>): Promise<() => void> {
      const releases: (() => void)[] = [];
      for (const key of [...new Set(keys)].sort()) releases.push(await acquire(key));
      return () => {
        for (const release of releases.splice(0)) release();
      };
    },
  };
}

export type PathLocks = ReturnType<typeof createPathLocks>;
