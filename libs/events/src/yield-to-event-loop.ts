import { setImmediate } from 'node:timers/promises';

/**
 * Lets whatever else waits have its turn. SQLite answers at once, so that a loop over batches would otherwise keep
 * requests and timers waiting until the last batch: 0.4 s for 10,000 events.
 */
export function yieldToEventLoop(): Promise<void> {
  return setImmediate();
}
