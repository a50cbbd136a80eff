import type { Runtime } from '@weave-nn/config';
import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import { type Answer, allowedTime, type Call, DEADLINE_HEADER, noAnswerInTime, type Transport } from './call.ts';
import { ClientError } from './errors.ts';
import { type Instance, isBroken, type Upstreams } from './upstreams.ts';

const RETRIES = 2;
const INITIAL_BACKOFF_MS = 30;
const MAX_BACKOFF_MS = 500;

export interface RemoteTransportOptions {
  upstreams: Upstreams;
  /** Identity, request id and trace of whoever calls, to be sent along. */
  headers: () => Record<string, string>;
  /** Milliseconds that the caller itself still has, undefined when nobody waits for it. */
  remaining: () => number | undefined;
  /** Aborted when the caller's own client goes away. */
  callerGone: () => AbortSignal | undefined;
  runtime: Runtime;
}

function isOver(error: unknown): boolean {
  return error instanceof ClientError;
}

/**
 * Carries calls to a service over HTTP: on connections that are kept, to the copies in turn, idempotent calls once or
 * twice more when a copy does not answer, and none while the service is known to be away.
 */
export function createRemoteTransport(options: RemoteTransportOptions): Transport {
  const { upstreams, runtime } = options;
  const { service } = upstreams;
  const again = retry(
    handleWhen((error) => !isBroken(error) && !isOver(error)),
    {
      maxAttempts: RETRIES,
      backoff: new ExponentialBackoff({ initialDelay: INITIAL_BACKOFF_MS, maxDelay: MAX_BACKOFF_MS }),
    },
  );

  async function send(call: Call, timeout: number, tried: Set<Instance>): Promise<Answer> {
    const instance = upstreams.pick(tried);
    tried.add(instance);
    const { method, url, body, accept, headers } = call;
    // undici's own timers are only right to the second.
    const expiry = new AbortController();
    const timer = runtime.after(timeout, () => expiry.abort(noAnswerInTime(service)));
    const callerGone = options.callerGone();
    const giveUp = () => expiry.abort(new ClientError(service, 503, 'caller-gone', 'the client has gone away'));
    callerGone?.addEventListener('abort', giveUp, { once: true });
    if (callerGone?.aborted) giveUp();
    try {
      const answer = await instance.pool.request({
        method,
        path: url,
        headers: {
          ...headers,
          ...options.headers(),
          [DEADLINE_HEADER]: String(Math.ceil(timeout)),
          ...(accept === undefined ? {} : { accept }),
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: expiry.signal,
        headersTimeout: 0,
        bodyTimeout: 0,
      });
      return { status: answer.statusCode, body: await answer.body.text() };
    } catch (error) {
      if (!isOver(error)) upstreams.failed(instance);
      throw error;
    } finally {
      timer.cancel();
      callerGone?.removeEventListener('abort', giveUp);
    }
  }

  return async (call) => {
    const idempotent = call.idempotent ?? call.method === 'GET';
    const tried = new Set<Instance>();
    const once = async () => {
      // Outside the breaker: that the caller has no time left says nothing about the service.
      const timeout = allowedTime(service, call, options.remaining());
      return upstreams.guarded(() => send(call, timeout, tried));
    };
    try {
      return await (idempotent ? again.execute(once) : once());
    } catch (error) {
      if (error instanceof ClientError) throw error;
      const detail = isBroken(error) ? 'it has not answered for a while' : (error as Error).message;
      throw new ClientError(service, 503, 'service-unavailable', detail, { cause: error });
    }
  };
}
