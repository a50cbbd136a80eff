import { SpanKind, type Tracer } from '@opentelemetry/api';
import { DEADLINE_HEADER, type Upstreams } from '@weave-nn/clients';
import { contextUnder, formatTraceparent } from '@weave-nn/config';
import { type App, endWithResponse, IDENTITY_HEADER, type Identity, type MountedApp } from '@weave-nn/service';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { passedOnRoutes, patternsOf, type Route } from '../../domain/route-table.ts';
import { serviceAway } from '../../errors.ts';
import { securityHeaders } from '../security-headers.ts';
import type { WatchStream } from '../stream-watch.ts';
import { type GatewayHeaders, requestHeaders, responseHeaders } from './headers.ts';
import { createUpstreamRequests, FORWARDING, type Forwarding } from './upstream-requests.ts';

export interface ForwardingOptions {
  mounted: ReadonlyMap<string, MountedApp>;
  upstreams: ReadonlyMap<string, Upstreams>;
  identity: Identity;
  /** Undefined where no spans are recorded. */
  tracer: Tracer | undefined;
  watchStream: WatchStream;
}

/** The proxy wants a URL; where a request really goes is decided for each of them. */
const ANY_INSTANCE = 'http://upstream.invalid';

/**
 * Forwards requests to the services of the route table. A mounted one gets the request itself: no copy of the body, its
 * response streams as it comes. One in another process gets it over HTTP through `@fastify/http-proxy`.
 */
export async function forwardingRoutes(app: App, options: ForwardingOptions): Promise<void> {
  const { mounted, upstreams, identity, tracer, watchStream } = options;

  await app.register(async (forwarding) => {
    forwarding.removeAllContentTypeParsers();
    forwarding.addHook('onRoute', (route) => {
      route.schema = { ...route.schema, hide: true };
    });
    for (const route of passedOnRoutes) {
      const local = mounted.get(route.service);
      const remote = upstreams.get(route.service);
      if (local) forwardToMounted(forwarding, route, local);
      else if (remote) await forwardToRemote(forwarding, route, remote);
      else refuse(forwarding, route);
    }
  });

  function gatewayHeaders({ service, timeout }: Route, request: FastifyRequest, reply: FastifyReply): GatewayHeaders {
    return {
      [IDENTITY_HEADER]: identity.sign(service, request.principal),
      [DEADLINE_HEADER]: String(timeout),
      'x-request-id': request.id,
      traceparent: tracer ? beginSpan(tracer, service, request, reply) : request.traceparent,
    };
  }

  function beginSpan(used: Tracer, service: string, request: FastifyRequest, { raw }: FastifyReply): string {
    const { method, traceparent } = request;
    const attributes = { 'peer.service': service, 'http.request.method': method };
    const options = { kind: SpanKind.CLIENT, attributes };
    const span = used.startSpan(`${method} ${service}`, options, contextUnder(traceparent));
    endWithResponse(span, raw);
    return formatTraceparent(span.spanContext()) ?? traceparent;
  }

  function addRoutes(
    through: FastifyInstance,
    route: Route,
    handler: (request: FastifyRequest, reply: FastifyReply) => unknown,
  ): void {
    const method = Object.keys(route.needs);
    for (const url of patternsOf(route)) through.route({ method, url, exposeHeadRoute: false, handler });
  }

  function forwardToMounted(forwarding: FastifyInstance, route: Route, { app: service }: MountedApp): void {
    forwarding.register(async (through) => {
      through.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
      addRoutes(through, route, (request, reply) => {
        if (route.endless) watchStream(request, reply);
        Object.assign(request.raw.headers, gatewayHeaders(route, request, reply));
        for (const headers of [securityHeaders, reply.getHeaders()])
          for (const [name, value] of Object.entries(headers))
            if (value !== undefined) reply.raw.setHeader(name, value);
        reply.hijack();
        service.routing(request.raw, reply.raw);
      });
    });
  }

  async function forwardToRemote(forwarding: FastifyInstance, route: Route, remote: Upstreams): Promise<void> {
    // Only a process whose services are elsewhere has to load it.
    const { default: httpProxy } = await import('@fastify/http-proxy');
    forwarding.register(httpProxy, {
      upstream: ANY_INSTANCE,
      undici: createUpstreamRequests(remote) as never,
      routes: patternsOf(route),
      httpMethods: Object.keys(route.needs),
      // The path is forwarded as the client wrote it, and read by the service alone.
      preRewrite: () => '/',
      internalRewriteLocationHeader: false,
      disableRequestLogging: true,
      handler(request, reply, destination, proxyOptions) {
        if (route.endless) watchStream(request, reply);
        const own = gatewayHeaders(route, request, reply);
        const known: Forwarding = { route, reply };
        return reply.from(destination, {
          ...proxyOptions,
          rewriteRequestHeaders: (_request, headers) =>
            ({ ...requestHeaders(headers, own), host: undefined, [FORWARDING]: known }) as never,
        });
      },
      replyOptions: {
        rewriteHeaders: (headers) => responseHeaders(headers as never) as never,
        retryDelay: () => null,
        onError: (reply, { error }) => void reply.send(error.cause ?? error),
        onResponse(_request, reply, response) {
          reply.send(response.stream);
          // The first bytes of a stream may come long after its headers.
          if (route.endless) (reply as unknown as FastifyReply).raw.flushHeaders();
        },
      },
    });
  }

  function refuse(through: FastifyInstance, route: Route): void {
    addRoutes(through, route, () => {
      throw serviceAway(route.service);
    });
  }
}
