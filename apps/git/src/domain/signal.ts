/** Wakes who waits for something to do; what is said while nobody waits is heard by the next. */
export function createSignal() {
  let resume: (() => void) | undefined;
  let said = false;
  return {
    notify() {
      said = true;
      resume?.();
    },
    /** Resolves once it was notified since the last call resolved, or when the signal is aborted. */
    async next(signal: AbortSignal): Promise<void> {
      if (!said && !signal.aborted) {
        await new Promise<void>((resolve) => {
          const end = () => {
            signal.removeEventListener('abort', end);
            resume = undefined;
            resolve();
          };
          resume = end;
          signal.addEventListener('abort', end, { once: true });
        });
      }
      said = false;
    },
  };
}

export type Signal = ReturnType<typeof createSignal>;
