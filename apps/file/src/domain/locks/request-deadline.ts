import type { Runtime } from '@weave-nn/config';
import { FileError } from '../../errors.ts';

/** The request on whose behalf work is done. */
export interface Caller {
  /** When it stops waiting, on the monotonic clock; undefined when nobody waits. */
  deadline?: number | undefined;
  /** Aborted when the client goes away. */
  signal?: AbortSignal | undefined;
}

/** Milliseconds for which work waits that nobody waits for. */
const MAX_WAIT_MS = 60_000;

function pending(): FileError {
  return new FileError(
    'write-pending',
    'an earlier change of the same files is not finished yet; nothing was changed, try again',
  );
}

/**
 * Bounds every wait of a request by the request's own deadline and by its client's presence.
 *
 * @param caller the request that the present work belongs to
 */
export function createRequestDeadline({ runtime, caller }: { runtime: Runtime; caller: () => Caller }) {
  return {
    /**
     * When work must give up waiting, on the monotonic clock.
     *
     * @param longest milliseconds for which it waits at most
     */
    giveUpAt(longest: number): number {
      return Math.min(runtime.monotonic() + longest, caller().deadline ?? Number.POSITIVE_INFINITY);
    },

    /** @throws FileError `write-pending` once nobody waits for the result any more */
    assertWanted(): void {
      const { deadline = Number.POSITIVE_INFINITY, signal } = caller();
      if (signal?.aborted || runtime.monotonic() > deadline) throw pending();
    },

    /**
     * Waits for something, for as long as the caller does.
     *
     * @throws FileError `write-pending` when the caller's time is over or its client is gone before that
     */
    waitFor(event: Promise<void>): Promise<void> {
      const now = runtime.monotonic();
      const { deadline = now + MAX_WAIT_MS, signal } = caller();
      const { promise, resolve, reject } = Promise.withResolvers<void>();
      const giveUp = () => reject(pending());
      const timer = runtime.after(Math.max(0, deadline - now), giveUp);
      signal?.addEventListener('abort', giveUp, { once: true });
      if (signal?.aborted) giveUp();
      event.then(resolve, reject);
      return promise.finally(() => {
        timer.cancel();
        signal?.removeEventListener('abort', giveUp);
      });
    },
  };
}

export type RequestDeadline = ReturnType<typeof createRequestDeadline>;
