import type { ServerResponse } from 'node:http';
import { isTraceparent, type Span, type SpanOptions, type Tracing, withTraceparent } from '@weave-nn/config';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Begins a span that ends when the answer is out or its client is gone, and says how the answer begins. */
export function traceAnswer(tracing: Tracing, name: string, options: SpanOptions, response: ServerResponse): Span {
  const span = tracing.begin(name, options);
  if (!tracing.records) return span;
  response.once('close', () => {
    const { statusCode } = response;
    span.describe({ 'http.response.status_code': statusCode });
    if (statusCode >= 500) span.fail(`answered ${statusCode}`);
    span.end();
  });
  return span;
}

/**
 * Does the work of a request under its own span, which belongs under its caller's. Where the caller names none that is
 * valid, a `tracestate` is dropped as well (W3C Trace Context level 1, section 4.3).
 */
export function traceRequest(tracing: Tracing, request: FastifyRequest, reply: FastifyReply, work: () => void): void {
  const { method, headers, routeOptions } = request;
  // Two colons are how a route writes one.
  const route = routeOptions.url?.replaceAll('::', ':');
  const attributes = {
    'http.request.method': method,
    'http.route': route ?? '',
    'url.path': request.url.split('?', 1)[0] ?? '',
    'weave.request_id': request.id,
  };
  const parent = typeof headers.traceparent === 'string' ? headers.traceparent : null;
  if (headers.tracestate !== undefined && !isTraceparent(parent)) delete headers.tracestate;
  const { traceparent } = traceAnswer(
    tracing,
    route === undefined ? method : `${method} ${route}`,
    { kind: 'server', parent, attributes },
    reply.raw,
  );
  request.traceparent = traceparent;
  withTraceparent(traceparent, work);
}
