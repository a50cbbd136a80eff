import { backoff, pause, type Runtime } from '@weave-nn/config';
import type { Report } from '../report.ts';
import { isAway } from './away.ts';

const INITIAL_BACKOFF_MS = 200;
export const MAX_BACKOFF_MS = 10_000;

/**
 * Makes what does work again for as long as something that it needs is away, with growing waits in between.
 *
 * @param options.stop ends the waiting: the work then fails with what it failed with last
 */
export function createRetryWhileUnavailable(options: {
  name: string;
  runtime: Runtime;
  report: Report;
  stop: AbortSignal;
}) {
  const { name, runtime, report, stop } = options;

  /** @param count how many events wait meanwhile */
  return async function retryWhileUnavailable<Result>(count: number, work: () => Promise<Result>): Promise<Result> {
    for (let failures = 1; ; failures++) {
      try {
        return await work();
      } catch (error) {
        if (!isAway(error)) throw error;
        if (!stop.aborted) {
          report(`${name}: ${count} events wait`, error);
          await pause(runtime, backoff(runtime, failures, INITIAL_BACKOFF_MS, MAX_BACKOFF_MS), stop);
        }
        if (stop.aborted) throw error;
      }
    }
  };
}
