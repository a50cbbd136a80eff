import { pause, type Runtime } from '@weave-nn/config';

/**
 * Waits for something, but not for ever.
 *
 * @returns whether it was done within so many milliseconds
 * @throws what the work throws within them
 */
export async function isDoneWithin(runtime: Runtime, milliseconds: number, work: Promise<unknown>): Promise<boolean> {
  const done = new AbortController();
  const late = pause(runtime, milliseconds, done.signal).then(() => false);
  try {
    return await Promise.race([work.then(() => true), late]);
  } finally {
    done.abort();
  }
}

/** Does something with a signal that is aborted after so many milliseconds. */
export async function withDeadline<Result>(
  runtime: Runtime,
  milliseconds: number,
  work: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const late = new AbortController();
  const timer = runtime.after(milliseconds, () => late.abort());
  try {
    return await work(late.signal);
  } finally {
    timer.cancel();
  }
}
