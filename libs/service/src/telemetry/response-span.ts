import type { ServerResponse } from 'node:http';
import { context, type Span, SpanKind, SpanStatusCode, type Tracer, trace } from '@opentelemetry/api';
import { contextUnder, formatTraceparent, inAnyTrace, isTraceparent, type Runtime } from '@weave-nn/config';
import type { FastifyReply, FastifyRequest } from 'fastify';

/** Ends a span when the response is out or its client is gone, and says how the response begins. */
export function endWithResponse(span: Span, response: ServerResponse): void {
  response.once('close', () => {
    const { statusCode } = response;
    span.setAttribute('http.response.status_code', statusCode);
    if (statusCode >= 500) span.setStatus({ code: SpanStatusCode.ERROR, message: `answered ${statusCode}` });
    span.end();
  });
}

function beginRequestSpan(
  tracer: Tracer,
  { method, url, id, routeOptions }: FastifyRequest,
  parent: ReturnType<typeof contextUnder>,
): Span {
  // Two colons are how a route writes one.
  const route = routeOptions.url?.replaceAll('::', ':');
  const attributes = {
    'http.request.method': method,
    'http.route': route ?? '',
    'url.path': url.split('?', 1)[0] ?? '',
    'weave.request_id': id,
  };
  const name = route === undefined ? method : `${method} ${route}`;
  return tracer.startSpan(name, { kind: SpanKind.SERVER, attributes }, parent);
}

/**
 * Does the work of a request under its own span, which belongs under its caller's. Where the caller names none that is
 * valid, a `tracestate` is dropped as well (W3C Trace Context level 1, section 4.3).
 *
 * @param tracer undefined where nothing is recorded
 */
export function traceRequest(
  tracer: Tracer | undefined,
  runtime: Runtime,
  request: FastifyRequest,
  reply: FastifyReply,
  work: () => void,
): void {
  const { headers } = request;
  const received = typeof headers.traceparent === 'string' ? headers.traceparent : null;
  if (headers.tracestate !== undefined && !isTraceparent(received)) delete headers.tracestate;
  const parent = contextUnder(received);
  let own = parent;
  if (tracer) {
    const span = beginRequestSpan(tracer, request, parent);
    endWithResponse(span, reply.raw);
    own = trace.setSpan(parent, span);
  }
  const inside = inAnyTrace(own, runtime);
  request.traceparent = formatTraceparent(trace.getSpanContext(inside)) ?? '';
  context.with(inside, work);
}
