import { ExponentialBackoff, handleWhen, retry } from 'cockatiel';
import { type Answer, type Call, DEADLINE_HEADER, type Transport } from './call.ts';
import { ClientError } from './errors.ts';
import { type Instance, isBroken, type Upstreams } from './upstreams.ts';

const TIMEOUT = 10_000;
const RETRIES = 2;
const FIRST_WAIT = 30;
const LONGEST_WAIT = 500;

export interface RemoteTransportOptions {
  upstreams: Upstreams;
  /** Identity, request id and trace of whoever calls, to be sent along. */
  headers: () => Record<string, string>;
  /** Milliseconds that the caller itself still has, undefined when nobody waits for it. */
  remaining: () => number | undefined;
}

function isTimeout(error: unknown): boolean {
  const { code } = error as { code?: string };
  return code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';
}

/**
 * Carries calls to a service over HTTP: on connections that are kept, to the copies in turn, idempotent calls once or
 * twice more when a copy does not answer, and none while the service is known to be away.
 */
export function createRemoteTransport(options: RemoteTransportOptions): Transport {
  const { upstreams } = options;
  const { service } = upstreams;
  const again = retry(
    handleWhen((error) => !isBroken(error) && !isTimeout(error)),
    { maxAttempts: RETRIES, backoff: new ExponentialBackoff({ initialDelay: FIRST_WAIT, maxDelay: LONGEST_WAIT }) },
  );

  async function send(call: Call, tried: Set<Instance>): Promise<Answer> {
    const timeout = Math.min(call.timeout ?? TIMEOUT, options.remaining() ?? Number.POSITIVE_INFINITY);
    if (timeout <= 0) throw new ClientError(service, 504, 'service-timeout', 'no time is left for the call');
    const instance = upstreams.pick(tried);
    tried.add(instance);
    const { method, url, body, accept, headers } = call;
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
        headersTimeout: timeout,
        bodyTimeout: timeout,
      });
      return { status: answer.statusCode, body: await answer.body.text() };
    } catch (error) {
      if (!isTimeout(error)) upstreams.failed(instance);
      throw error;
    }
  }

  return async (call) => {
    const idempotent = call.idempotent ?? call.method === 'GET';
    const tried = new Set<Instance>();
    const once = () => upstreams.guarded(() => send(call, tried));
    try {
      return await (idempotent ? again.execute(once) : once());
    } catch (error) {
      if (error instanceof ClientError) throw error;
      if (isTimeout(error)) throw new ClientError(service, 504, 'service-timeout', 'no answer in time');
      const detail = isBroken(error) ? 'it has not answered for a while' : (error as Error).message;
      throw new ClientError(service, 503, 'service-unavailable', detail, { cause: error });
    }
  };
}
