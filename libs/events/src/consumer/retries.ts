import type { Runtime, Timer } from '@weave-nn/config';
import type { Attempt, Attempts } from './attempts.ts';

const BATCH = 50;
const MIN_WAIT_MS = 10;
/** Also what a replica that has gone left parked is found, and a clock that was set back delays nothing for longer. */
const MAX_WAIT_MS = 30_000;
const WAIT_AFTER_FAILURE = 10_000;

/**
 * Looks for parked events whose time has come, one at a time.
 *
 * @param options.retry tries one of them; what it throws is reported, and the event comes again
 */
export function createRetries(options: {
  attempts: Attempts;
  runtime: Runtime;
  retry: (attempt: Attempt) => Promise<void>;
  failed: (error: unknown) => void;
}) {
  const { attempts, runtime } = options;
  let timer: Timer | undefined;
  let timerAt = Number.POSITIVE_INFINITY;
  let looking: Promise<void> = Promise.resolve();
  let stopped = false;

  async function look(): Promise<void> {
    while (!stopped) {
      const { attempts: due, nextAt } = await attempts.due(BATCH);
      if (due.length === 0) return lookIn(nextAt === null ? MAX_WAIT_MS : nextAt - runtime.now());
      for (const attempt of due) {
        if (stopped) return;
        await options.retry(attempt);
      }
    }
  }

  /** An earlier look that was already asked for stays: what it was asked for may have come after the last one. */
  function lookIn(milliseconds: number) {
    const wait = Math.min(Math.max(milliseconds, MIN_WAIT_MS), MAX_WAIT_MS);
    const at = runtime.monotonic() + wait;
    if (stopped || at >= timerAt) return;
    timer?.cancel();
    timerAt = at;
    timer = runtime.after(wait, () => {
      timerAt = Number.POSITIVE_INFINITY;
      looking = looking.then(look).catch((error) => {
        options.failed(error);
        lookIn(WAIT_AFTER_FAILURE);
      });
    });
  }

  return {
    lookIn,
    /** Looks no more; resolves when the try in hand is finished. */
    async stop(): Promise<void> {
      stopped = true;
      timer?.cancel();
      await looking;
    },
  };
}
