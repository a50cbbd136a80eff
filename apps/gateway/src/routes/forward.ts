import type { IncomingMessage } from 'node:http';
import { PassThrough } from 'node:stream';
import { buffer } from 'node:stream/consumers';
import type { Instance, Upstreams } from '@weave-nn/clients';
import type { FastifyReply } from 'fastify';
import type { Route } from '../domain/route-table.ts';
import { bodyTooLarge, serviceAway, serviceSlow } from '../errors.ts';
import { type FlatHeaders, type OwnHeaders, requestHeaders } from './headers.ts';
import { Passage } from './passage.ts';

/** Bodies up to this size are read first, so that they can be sent again to a copy that takes connections. */
const MOST_BUFFERED = 256 * 1024;

type Body = Buffer | PassThrough | undefined;

interface Failure extends Error {
  code?: string;
}

const notConnected = (code: string | undefined) => code === 'ECONNREFUSED' || code === 'UND_ERR_CONNECT_TIMEOUT';
const tooSlow = (code: string | undefined) => code === 'UND_ERR_HEADERS_TIMEOUT' || code === 'UND_ERR_BODY_TIMEOUT';

function hasBody({ headers }: IncomingMessage): boolean {
  const length = headers['content-length'];
  return length === undefined ? headers['transfer-encoding'] !== undefined : length !== '0';
}

async function readBody(raw: IncomingMessage, most: number): Promise<Body> {
  const length = raw.headers['content-length'];
  if (Number(length) > most) throw bodyTooLarge(most);
  if (length !== undefined && Number(length) <= MOST_BUFFERED) return buffer(raw);
  return raw.pipe(new PassThrough());
}

/** One try at one copy; resolves when its answer has begun, or when the client has gone. */
function attempt(
  instance: Instance,
  reply: FastifyReply,
  options: { body: Body; headers: FlatHeaders; route: Route; begin(passage: Passage): void },
): Promise<void> {
  const { body, headers, route } = options;
  const { method, url } = reply.request.raw;
  const endless = route.endless === true;
  return new Promise((resolve, reject) => {
    const passage = new Passage(reply, endless, (error) => {
      if (error && !passage.isAbandoned) reject(error);
      else resolve();
    });
    options.begin(passage);
    instance.pool.dispatch(
      {
        method: method as 'GET',
        path: url ?? '/',
        headers,
        body: body ?? null,
        headersTimeout: route.timeout,
        bodyTimeout: endless ? 0 : route.timeout,
      },
      passage,
    );
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
export async function forward(upstreams: Upstreams, route: Route, reply: FastifyReply, own: OwnHeaders): Promise<void> {
  const { raw: request } = reply.request;
  const body = hasBody(request) ? await readBody(request, reply.routeOptions.bodyLimit ?? 0) : undefined;
  const headers = requestHeaders(request.headers, own);
  const repeatable = request.method === 'GET' || request.method === 'HEAD';
  let current: Passage | undefined;
  const begin = (passage: Passage) => {
    current = passage;
  };
  reply.raw.once('close', () => {
    if (reply.raw.writableFinished) return;
    // Nobody is there to be answered.
    reply.hijack();
    current?.abandon();
  });
  const tried = new Set<Instance>();
  for (;;) {
    const instance = upstreams.pick(tried);
    tried.add(instance);
    try {
      return await upstreams.guarded(() => attempt(instance, reply, { body, headers, route, begin }));
    } catch (error) {
      const { code } = error as Failure;
      if (reply.sent) return;
      if (tooSlow(code)) throw serviceSlow(upstreams.service);
      if (code?.startsWith('UND_ERR') || code?.startsWith('ECONN')) upstreams.failed(instance);
      const again = notConnected(code) ? !(body instanceof PassThrough) : repeatable && code !== undefined;
      if (!again || tried.size >= upstreams.instances.length) throw serviceAway(upstreams.service);
    }
  }
}
