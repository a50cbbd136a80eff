import { setTimeout } from 'node:timers/promises';

const LIMIT = 15_000;
const EVERY = 10;

/**
 * Waits for a condition instead of a time.
 *
 * @param what the condition, for the message when it does not come true
 * @param probe answers something truthy once it holds; what it throws counts as not yet
 * @returns what the probe answered
 * @throws Error after 15 seconds, with the probe's last error
 */
export async function until<Value>(
  what: string,
  probe: () => Value | Promise<Value>,
  limit = LIMIT,
): Promise<NonNullable<Value>> {
  const deadline = performance.now() + limit;
  let last: unknown;
  for (;;) {
    try {
      const value = await probe();
      if (value) return value;
      last = value;
    } catch (error) {
      last = error;
    }
    if (performance.now() > deadline) throw new Error(`not within ${limit} ms: ${what}`, { cause: last });
    await setTimeout(EVERY);
  }
}
