/** Turns at something that only one may use at a time, given out first come, first served. */
export interface Turns {
  /** Undefined when the turn is taken at once, otherwise a promise that resolves when it has come. */
  take(): Promise<void> | undefined;
  /** Ends the turn; the one who has waited longest has it from now on. */
  end(): void;
}

/** Creates turns that nobody has taken. */
export function createTurns(): Turns {
  let waiting: (() => void)[] = [];
  let next = 0;
  let taken = false;
  return {
    take() {
      if (!taken) {
        taken = true;
        return undefined;
      }
      return new Promise((resolve) => waiting.push(resolve));
    },
    end() {
      const resolve = waiting[next];
      if (resolve === undefined) {
        taken = false;
        return;
      }
      next += 1;
      // Array.shift moves every element of a long queue; cutting it now and then does not.
      if (next === waiting.length || next === 1024) {
        waiting = waiting.slice(next);
        next = 0;
      }
      resolve();
    },
  };
}
