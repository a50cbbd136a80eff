import { pause, type Runtime } from '@weave-nn/config';

const FRESH_FOR = 250;
const PATIENCE = 100;

/**
 * How many events the index has not applied yet, for answers to say: asked for at most four times a second, and left
 * unsaid when the broker does not answer at once, since reading needs no broker.
 */
export function createLag(depth: () => Promise<number>, runtime: Runtime) {
  let known: number | undefined;
  let knownAt = Number.NEGATIVE_INFINITY;
  let asking: Promise<void> | undefined;

  async function ask(): Promise<void> {
    try {
      known = await depth();
    } catch {
      known = undefined;
    } finally {
      knownAt = runtime.monotonic();
      asking = undefined;
    }
  }

  return async (): Promise<number | undefined> => {
    if (runtime.monotonic() - knownAt < FRESH_FOR) return known;
    asking ??= ask();
    const answered = await Promise.race([asking.then(() => true), pause(runtime, PATIENCE).then(() => false)]);
    return answered ? known : undefined;
  };
}
