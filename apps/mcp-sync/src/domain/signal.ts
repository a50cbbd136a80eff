/** Wakes those who wait for something new. */
export function createSignal() {
  let waiting: (() => void)[] = [];
  return {
    notify() {
      const woken = waiting;
      waiting = [];
      for (const resume of woken) resume();
    },
    /** Resolves at the next `notify`, or when the signal is aborted. */
    next(signal: AbortSignal): Promise<void> {
      if (signal.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const resume = () => {
          signal.removeEventListener('abort', resume);
          resolve();
        };
        waiting.push(resume);
        signal.addEventListener('abort', resume, { once: true });
      });
    },
  };
}

export type Signal = ReturnType<typeof createSignal>;
