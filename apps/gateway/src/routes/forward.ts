import { EventEmitter } from 'node:events';
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Instance, Upstreams } from '@weave-nn/clients';
import type { FastifyReply } from 'fastify';
import type { Route } from '../domain/route-table.ts';
import { bodyTooLarge, serviceAway, serviceSlow } from '../errors.ts';
import { endToEndHeaders } from './headers.ts';

/** Bodies up to this size are read first, so that they can be sent again to a copy that takes connections. */
const MOST_BUFFERED = 256 * 1024;
/** The key is the gateway's business, the host the upstream's; the body's first byte is not held back for a nod. */
const keptBack = new Set(['authorization', 'host', 'expect']);
const nothing: ReadonlySet<string> = new Set();

type Body = Buffer | PassThrough | undefined;

interface Failure extends Error {
  code?: string;
}

const notConnected = (code: string | undefined) => code === 'ECONNREFUSED' || code === 'UND_ERR_CONNECT_TIMEOUT';
const tooSlow = (code: string | undefined) => code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';

async function readBody(raw: IncomingMessage, most: number): Promise<Body> {
  const length = raw.headers['content-length'];
  if (Number(length) > most) throw bodyTooLarge(most);
  if (length === '0' || (length === undefined && raw.headers['transfer-encoding'] === undefined)) return undefined;
  if (length !== undefined && Number(length) <= MOST_BUFFERED) return buffer(raw);
  return raw.pipe(new PassThrough());
}

/** One try at one copy; resolves when its answer has begun. */
function attempt(
  instance: Instance,
  { raw: response }: FastifyReply,
  options: {
    request: IncomingMessage;
    body: Body;
    headers: Record<string, string | string[]>;
    route: Route;
    /** Takes the answer out of Fastify's hands; gives the headers that it has so far. */
    begin(): OutgoingHttpHeaders;
  },
): Promise<void> {
  const { request, body, headers, route, begin } = options;
  // An emitter costs a tenth of an AbortController, of which every request would abort one as its answer closes.
  const gone = new EventEmitter();
  const cancel = () => {
    if (!response.writableFinished) gone.emit('abort');
  };
  response.once('close', cancel);
  return new Promise((resolve, reject) => {
    instance.pool
      .stream(
        {
          method: request.method as 'GET',
          path: request.url ?? '/',
          headers,
          body: body ?? null,
          headersTimeout: route.timeout,
          bodyTimeout: route.endless ? 0 : route.timeout,
          signal: gone,
        },
        ({ statusCode, headers: answered }) => {
          response.writeHead(statusCode, { ...begin(), ...endToEndHeaders(answered, nothing) });
          // What streams is shown as it comes: the first bytes may be long after the headers.
          if (route.endless) response.flushHeaders();
          resolve();
          return response as ServerResponse;
        },
      )
      .catch((error: Failure) => {
        if (response.headersSent) response.destroy();
        reject(error);
      })
      .finally(() => response.off('close', cancel));
  });
}

/**
 * Passes a request on to a copy of its service and the answer back, both as they come. Another copy is tried when
 * nothing can have been done yet: the connection was refused, or the request only reads. The client's going away
 * ends the request upstream.
 *
 * @param own headers for the service: identity, request id, deadline
 * @throws ProblemError 503 when no copy answers, 504 when one does not in time
 */
export async function forward(
  upstreams: Upstreams,
  route: Route,
  reply: FastifyReply,
  own: Record<string, string>,
): Promise<void> {
  const { raw: request } = reply.request;
  const body = await readBody(request, reply.routeOptions.bodyLimit ?? 0);
  const headers = { ...endToEndHeaders(request.headers, keptBack), ...own };
  const repeatable = request.method === 'GET' || request.method === 'HEAD';
  const begin = () => {
    reply.hijack();
    return reply.getHeaders() as OutgoingHttpHeaders;
  };
  const tried = new Set<Instance>();
  for (;;) {
    const instance = upstreams.pick(tried);
    const isLast = tried.add(instance).size >= upstreams.instances.length + 1;
    try {
      return await upstreams.guarded(() => attempt(instance, reply, { request, body, headers, route, begin }));
    } catch (error) {
      const { code } = error as Failure;
      if (reply.sent || reply.raw.destroyed) return;
      if (tooSlow(code)) throw serviceSlow(upstreams.service);
      if (code?.startsWith('UND_ERR') || code?.startsWith('ECONN')) upstreams.failed(instance);
      const again = notConnected(code) ? !(body instanceof PassThrough) : repeatable && code !== undefined;
      if (!again || isLast || tried.size >= upstreams.instances.length) throw serviceAway(upstreams.service);
    }
  }
}
