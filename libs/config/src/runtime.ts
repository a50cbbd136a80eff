import { v7 } from 'uuid';

/** Something that runs later and can be called off. */
export interface Timer {
  cancel(): void;
}

/** What a process gets from the world around it besides data: time, timers, identifiers, chance. */
export interface Runtime {
  /** Milliseconds since 1970, as the wall clock says; it may jump. */
  now(): number;
  /** Milliseconds since some fixed moment; never goes back. For durations. */
  monotonic(): number;
  /** Runs `work` once after `milliseconds`. A timer doesn't keep the process alive. */
  after(milliseconds: number, work: () => void): Timer;
  /** A new UUIDv7 (RFC 9562): ordered by the time of its making. */
  uuid(): string;
  /** A number from 0 up to, not including, 1. */
  random(): number;
}

/** The machine's own clock, timers, identifiers and chance. */
export const systemRuntime: Runtime = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after(milliseconds, work) {
    const timer = setTimeout(work, milliseconds);
    timer.unref();
    return { cancel: () => clearTimeout(timer) };
  },
  uuid: () => v7(),
  random: () => Math.random(),
};

/**
 * Waits.
 *
 * @param milliseconds how long
 * @param signal ends the wait early, without an error
 */
export function pause(runtime: Runtime, milliseconds: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) return resolve();
    const end = () => {
      timer.cancel();
      signal?.removeEventListener('abort', end);
      resolve();
    };
    const timer = runtime.after(milliseconds, end);
    signal?.addEventListener('abort', end, { once: true });
  });
}

/**
 * How long to wait before the next try: doubled each time, with half of it left to chance so that many don't return at once.
 *
 * @param attempt 1 for the first wait
 * @param first milliseconds of the first wait
 * @param longest milliseconds that no wait exceeds
 */
export function backoff(runtime: Runtime, attempt: number, first: number, longest: number): number {
  const full = Math.min(longest, first * 2 ** (attempt - 1));
  return full / 2 + (full / 2) * runtime.random();
}
