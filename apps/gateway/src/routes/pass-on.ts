import { DEADLINE_HEADER, type Upstreams } from '@weave-nn/clients';
import type { Tracing } from '@weave-nn/config';
import { type App, IDENTITY_HEADER, type Identity, type MountedApp, traceAnswer } from '@weave-nn/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { passedOnRoutes, patternsOf, type Route } from '../domain/route-table.ts';
import { serviceAway } from '../errors.ts';
import { forward } from './forward.ts';
import type { OwnHeaders } from './headers.ts';
import { securityHeaders } from './security-headers.ts';
import type { WatchStream } from './stream-watch.ts';

export interface PassOnOptions {
  mounted: ReadonlyMap<string, MountedApp>;
  upstreams: ReadonlyMap<string, Upstreams>;
  identity: Identity;
  tracing: Tracing;
  watchStream: WatchStream;
}

/**
 * Passes requests on to the services of the route table. A mounted one gets the request itself: no copy of the body,
 * answers stream as they come. One in another process gets it over HTTP.
 */
export function passOnRoutes(app: App, options: PassOnOptions): void {
  const { mounted, upstreams, identity, tracing, watchStream } = options;

  app.register(async (through) => {
    through.removeAllContentTypeParsers();
    through.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    for (const route of passedOnRoutes) {
      const handler = (request: FastifyRequest, reply: FastifyReply) => passOn(route, request, reply);
      const method = Object.keys(route.needs);
      for (const url of patternsOf(route)) {
        through.route({ method, url, schema: { hide: true }, exposeHeadRoute: false, handler });
      }
    }
  });

  function passOn(route: Route, request: FastifyRequest, reply: FastifyReply): Promise<void> | undefined {
    const { service, timeout } = route;
    const own: OwnHeaders = {
      [IDENTITY_HEADER]: identity.sign(service, request.principal),
      [DEADLINE_HEADER]: String(timeout),
      'x-request-id': request.id,
      traceparent: tracing.records ? beginSpan(service, request, reply) : request.traceparent,
    };
    if (route.endless) watchStream(request, reply);
    const target = mounted.get(service);
    if (target) return handOver(target, own, request, reply);
    const remote = upstreams.get(service);
    if (!remote) throw serviceAway(service);
    return forward(remote, route, reply, own);
  }

  function beginSpan(service: string, { method, traceparent: parent }: FastifyRequest, { raw }: FastifyReply): string {
    const attributes = { 'peer.service': service, 'http.request.method': method };
    return traceAnswer(tracing, `${method} ${service}`, { kind: 'client', parent, attributes }, raw).traceparent;
  }

  function handOver(
    { app: service }: MountedApp,
    own: OwnHeaders,
    { raw }: FastifyRequest,
    reply: FastifyReply,
  ): undefined {
    Object.assign(raw.headers, own);
    for (const headers of [securityHeaders, reply.getHeaders()])
      for (const [name, value] of Object.entries(headers)) if (value !== undefined) reply.raw.setHeader(name, value);
    reply.hijack();
    service.routing(raw, reply.raw);
  }
}
