import { backoff, pause, type Runtime } from '@weave-nn/config';
import type { Report } from '../report.ts';
import { isAway } from './away.ts';

const FIRST_WAIT = 200;
export const LONGEST_WAIT = 10_000;

/**
 * Makes what does work again for as long as something that it needs is away, with growing waits in between.
 *
 * @param options.stop ends the waiting: the work then fails with what it failed with last
 */
export function createPatience(options: { name: string; runtime: Runtime; report: Report; stop: AbortSignal }) {
  const { name, runtime, report, stop } = options;

  /** @param count how many events wait meanwhile */
  return async function patiently<Result>(count: number, work: () => Promise<Result>): Promise<Result> {
    for (let failures = 1; ; failures++) {
      try {
        return await work();
      } catch (error) {
        if (!isAway(error)) throw error;
        if (!stop.aborted) {
          report(`${name}: ${count} events wait`, error);
          await pause(runtime, backoff(runtime, failures, FIRST_WAIT, LONGEST_WAIT), stop);
        }
        if (stop.aborted) throw error;
      }
    }
  };
}
