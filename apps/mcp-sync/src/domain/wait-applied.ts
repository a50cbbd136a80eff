import { pause, type Runtime, type Signal } from '@weave-nn/config';

/** Another replica may apply what is waited for; its doing so is seen at the next look. */
const POLL_INTERVAL_MS = 50;

export interface WaitAppliedOptions {
  /** The newest sequence of a path that the index has applied, also that of its end; 0 for none. */
  appliedSequence(path: string): Promise<number>;
  /** Notified when this process has applied events. */
  applied: Signal;
  runtime: Runtime;
}

/**
 * Makes what lets readers see their own writes.
 *
 * @returns waits until a path's state of a sequence is applied, for so many milliseconds; false when it is not by then
 */
export function createWaitApplied({ appliedSequence, applied, runtime }: WaitAppliedOptions) {
  return async (path: string, sequence: number, timeout: number): Promise<boolean> => {
    const deadline = runtime.monotonic() + timeout;
    for (;;) {
      const woken = new AbortController();
      const next = applied.next(woken.signal);
      if ((await appliedSequence(path)) >= sequence) {
        woken.abort();
        return true;
      }
      const left = deadline - runtime.monotonic();
      if (left > 0) await Promise.race([next, pause(runtime, Math.min(left, POLL_INTERVAL_MS), woken.signal)]);
      woken.abort();
      if (left <= 0) return false;
    }
  };
}
