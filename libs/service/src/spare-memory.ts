import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapStatistics } from 'node:v8';
import type { Runtime, Timer } from '@weave-nn/config';

/** Milliseconds without any collection of garbage after which nobody is working. */
const QUIET = 5_000;
/** Bytes by which the heap must have grown since the last time, to be worth stopping an idle process for a tenth of a second. */
const WORTH = 32 * 1024 * 1024;

export interface SpareMemoryOptions {
  runtime: Pick<Runtime, 'after'>;
  report(message: string, error: unknown): void;
  /** Milliseconds; 5 s when left out. */
  quiet?: number;
}

/** What V8 does when the system is short of memory, which no other interface of Node asks for. */
async function collectEverything(): Promise<void> {
  const { Session } = await import('node:inspector/promises');
  const session = new Session();
  session.connect();
  try {
    await session.post('HeapProfiler.collectGarbage');
  } finally {
    session.disconnect();
  }
}

/**
 * Gives memory back to the system when a time of much work is over. V8 leaves what was done with where it is until more
 * is needed, and keeps the pages that it has emptied: 300 MB after the first index of 10,000 notes.
 *
 * @returns ends it
 */
export function giveSpareMemoryBack({ runtime, report, quiet = QUIET }: SpareMemoryOptions): () => void {
  const size = () => getHeapStatistics().total_heap_size;
  let least = size();
  let largest = least;
  let waiting: Timer | undefined;

  async function giveBack(): Promise<void> {
    if (largest - least < WORTH) return;
    await collectEverything();
    least = size();
    largest = least;
  }

  const observer = new PerformanceObserver(() => {
    largest = Math.max(largest, size());
    waiting?.cancel();
    waiting = runtime.after(quiet, () => {
      giveBack().catch((error) => report('spare memory could not be given back', error));
    });
  });
  observer.observe({ entryTypes: ['gc'] });
  return () => {
    observer.disconnect();
    waiting?.cancel();
  };
}
