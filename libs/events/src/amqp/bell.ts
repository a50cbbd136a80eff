/** Lets several wait until something has changed. */
export interface Bell {
  ring(): void;
  /** Resolves at the next ring, or when `signal` is aborted. */
  next(signal?: AbortSignal): Promise<void>;
}

/** Creates a bell. */
export function createBell(): Bell {
  let waiting: (() => void)[] = [];
  return {
    ring() {
      const woken = waiting;
      waiting = [];
      for (const resume of woken) resume();
    },
    next(signal) {
      return new Promise((resolve) => {
        const resume = () => {
          signal?.removeEventListener('abort', resume);
          resolve();
        };
        if (signal?.aborted) return resolve();
        signal?.addEventListener('abort', resume);
        waiting.push(resume);
      });
    },
  };
}
