import type { IncomingHttpHeaders } from 'node:http';
import type { Readable } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Instance, Upstreams } from '@weave-nn/clients';
import type { FastifyReply } from 'fastify';
import type { Dispatcher } from 'undici';
import type { Route } from '../../domain/route-table.ts';
import { bodyTooLarge, serviceAway, serviceSlow } from '../../errors.ts';

/** Bodies up to this size are read first, so that they can be sent again to an instance that accepts connections. */
const MAX_BUFFERED_BODY = 256 * 1024;

/** Carries a `Forwarding` among the headers of a request; the proxy copies it with them. */
export const FORWARDING = Symbol('forwarding');

/** What is known of a request that is forwarded, besides what the proxy hands over. */
export interface Forwarding {
  route: Route;
  reply: FastifyReply;
}

/** A request as `@fastify/http-proxy` hands it to its `undici` option. */
export interface ProxyRequest {
  headers: IncomingHttpHeaders & { [FORWARDING]: Forwarding };
  body: Readable | string | undefined;
}

type Callback = (error: Error | null, response?: Dispatcher.ResponseData) => void;
type Body = Buffer | Readable | null;

interface Failure extends Error {
  code?: string;
}

const isNotConnected = (code: string | undefined) => code === 'ECONNREFUSED' || code === 'UND_ERR_CONNECT_TIMEOUT';
const isTooSlow = (code: string | undefined) => code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';

async function readBody(body: ProxyRequest['body'], reply: FastifyReply): Promise<Body> {
  const { 'content-length': length } = reply.request.headers;
  if (body === undefined || typeof body === 'string' || length === '0') return null;
  const limit = reply.routeOptions.bodyLimit ?? 0;
  if (Number(length) > limit) throw bodyTooLarge(limit);
  return length !== undefined && Number(length) <= MAX_BUFFERED_BODY ? buffer(body) : body;
}

/** Aborted when the client closes its connection before it has the whole response. */
function clientGone({ raw }: FastifyReply): AbortSignal {
  const gone = new AbortController();
  // Of the response: the request closes as soon as its body has been read.
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

/**
 * Creates what the proxy sends its requests with: it chooses an instance that is ready, bounds the time, lets requests
 * fail at once while the circuit breaker is open, and ends a request upstream when its client has gone. Another instance
 * is tried when nothing can have been done yet: the connection was refused, or the request only reads.
 */
export function createUpstreamRequests(upstreams: Upstreams) {
  /** @returns undefined when the client has gone, which is no failure of the service */
  async function attempt(
    { pool }: Instance,
    options: Dispatcher.RequestOptions,
    gone: AbortSignal,
  ): Promise<Dispatcher.ResponseData | undefined> {
    try {
      return await pool.request({ ...options, signal: gone });
    } catch (error) {
      if (gone.aborted) return undefined;
      throw error;
    }
  }

  /** @throws ProblemError 503 when no instance responds, 504 when one does not in time */
  async function send({ headers: given, body: received }: ProxyRequest): Promise<Dispatcher.ResponseData | undefined> {
    const { [FORWARDING]: forwarding, ...headers } = given;
    const { route, reply } = forwarding;
    const { method = 'GET', url = '/' } = reply.request.raw;
    const gone = clientGone(reply);
    const body = await readBody(received, reply);
    const options: Dispatcher.RequestOptions = {
      method: method as Dispatcher.HttpMethod,
      path: url,
      headers,
      body,
      headersTimeout: route.timeout,
      bodyTimeout: route.endless ? 0 : route.timeout,
    };
    const isRepeatable = method === 'GET' || method === 'HEAD';
    const isBodyKept = body === null || Buffer.isBuffer(body);
    const tried = new Set<Instance>();
    for (;;) {
      const instance = upstreams.pick(tried);
      tried.add(instance);
      try {
        return await upstreams.guarded(() => attempt(instance, options, gone));
      } catch (error) {
        const { code } = error as Failure;
        if (isTooSlow(code)) throw serviceSlow(upstreams.service);
        if (code?.startsWith('UND_ERR') || code?.startsWith('ECONN')) upstreams.failed(instance);
        const isSafe = isNotConnected(code) ? isBodyKept : isRepeatable && code !== undefined;
        if (!isSafe || tried.size >= upstreams.instances.length) throw serviceAway(upstreams.service);
      }
    }
  }

  return {
    request(request: ProxyRequest, callback: Callback): void {
      send(request).then(
        (response) => {
          if (response) callback(null, response);
          // Nobody is there to be responded to.
          else request.headers[FORWARDING].reply.hijack();
        },
        (error: Error) => callback(error),
      );
    },
  };
}
