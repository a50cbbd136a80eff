import type { Runtime } from '@weave-nn/config';
import { CacheError } from '../errors.ts';

/**
 * Waits for an answer of Redis, but not for ever.
 *
 * @throws CacheError `redis-unusable` after so many milliseconds; what the work throws before
 */
export function answerWithin<Answer>(runtime: Runtime, milliseconds: number, work: Promise<Answer>): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const late = () => reject(new CacheError('redis-unusable', `no answer within ${milliseconds} ms`));
    // After a stall of this process timers come before the answers that have arrived meanwhile.
    const timer = runtime.after(milliseconds, () => setImmediate(late));
    work.then(resolve, reject).finally(() => timer.cancel());
  });
}
