/** Wakes those that wait for something new. */
export interface Signal {
  /** Wakes everybody that waits now. */
  notify(): void;
  /** Resolves at the next `notify`, or when the abort signal, if there is one, is aborted. */
  next(signal?: AbortSignal): Promise<void>;
}

/** Creates a signal that nobody waits for. */
export function createSignal(): Signal {
  let waiting: (() => void)[] = [];
  return {
    notify() {
      const woken = waiting;
      waiting = [];
      for (const resume of woken) resume();
    },
    next(signal) {
      if (signal?.aborted) return Promise.resolve();
      return new Promise((resolve) => {
        const resume = () => {
          signal?.removeEventListener('abort', resume);
          resolve();
        };
        waiting.push(resume);
        signal?.addEventListener('abort', resume, { once: true });
      });
    },
  };
}
