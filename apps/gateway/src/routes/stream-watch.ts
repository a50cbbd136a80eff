import type { Runtime } from '@weave-nn/config';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { KeyRing } from '../domain/key-ring.ts';
import { bearerOf } from '../domain/secret.ts';

const POLL_INTERVAL_MS = 5_000;

/**
 * Makes what ends a stream soon after its key was revoked or has expired: it was let in once, and may go on for days.
 * While keys cannot be looked up it goes on.
 */
export function createStreamWatch(ring: KeyRing, runtime: Runtime) {
  return function watchStream({ headers, log }: FastifyRequest, { raw }: FastifyReply): void {
    const key = bearerOf(headers.authorization) ?? '';
    let timer = runtime.after(POLL_INTERVAL_MS, look);
    raw.once('close', () => timer.cancel());

    async function look() {
      try {
        if (typeof (await ring.identify(key)) === 'string') raw.destroy();
      } catch (error) {
        log.warn({ err: error }, 'the key of a stream cannot be looked up');
      }
      if (!raw.destroyed) timer = runtime.after(POLL_INTERVAL_MS, look);
    }
  };
}

export type WatchStream = ReturnType<typeof createStreamWatch>;
