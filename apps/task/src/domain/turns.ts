/** Lets those that name the same thing take turns; within this process, so that they need not find out by failing. */
export function createTurns() {
  const last = new Map<string, Promise<void>>();

  return {
    /** Does work when everybody that named one of these before is done. */
    async take<Result>(names: readonly string[], work: () => Promise<Result>): Promise<Result> {
      let end: () => void = () => undefined;
      const mine = new Promise<void>((resolve) => {
        end = resolve;
      });
      const before = names.map((name) => last.get(name));
      for (const name of names) last.set(name, mine);
      try {
        await Promise.all(before);
        return await work();
      } finally {
        end();
        for (const name of names) if (last.get(name) === mine) last.delete(name);
      }
    },
  };
}

export type Turns = ReturnType<typeof createTurns>;
