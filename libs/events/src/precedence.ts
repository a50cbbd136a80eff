import { pause, type Runtime, type Timer } from '@weave-nn/config';

/** Whoever leads mostly has more to do at once: so long nobody is let in between. */
const MORE_FOLLOWS = 500;
/** Work that arrives for several at the same time reaches those that follow no later than those that lead. */
const SAME_TIME = 20;
/** So long something that follows waits at most, so that it is never kept from going on for good. */
const MAX_WAIT_MS = 30_000;

/**
 * Who goes first where large work of one process wants the processor at the same time: after 10,000 notes were found,
 * people want to search them before anything else is made of them.
 */
export interface Precedence {
  /** Does work that others wait for. */
  lead<Result>(work: () => Promise<Result>): Promise<Result>;
  /**
   * Resolves when nobody leads any more, or when others were waited for long enough.
   *
   * @param signal ends the wait early, without an error
   */
  follow(signal?: AbortSignal): Promise<void>;
}

/** Makes the order of a process's large work. */
export function createPrecedence(runtime: Runtime): Precedence {
  let leading = 0;
  let moreMayFollow: Timer | undefined;
  let waiting: (() => void)[] = [];

  function letIn() {
    moreMayFollow = undefined;
    if (leading > 0) return;
    for (const resume of waiting.splice(0)) resume();
  }

  return {
    async lead(work) {
      leading++;
      try {
        return await work();
      } finally {
        leading--;
        moreMayFollow?.cancel();
        moreMayFollow = runtime.after(MORE_FOLLOWS, letIn);
      }
    },
    async follow(signal) {
      await pause(runtime, SAME_TIME, signal);
      if ((leading === 0 && !moreMayFollow) || signal?.aborted) return;
      const over = new AbortController();
      const end = () => over.abort();
      waiting.push(end);
      await pause(runtime, MAX_WAIT_MS, AbortSignal.any(signal ? [signal, over.signal] : [over.signal]));
      waiting = waiting.filter((each) => each !== end);
    },
  };
}
