import { type App, IDENTITY_HEADER, type Identity, type MountedApp } from '@weave-nn/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { routeTable } from '../domain/route-table.ts';
import { serviceAway } from '../errors.ts';

const METHODS = ['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE'];

/**
 * Passes requests on to the services of the route table. A mounted one gets the request itself: no copy of the body,
 * answers stream as they come.
 */
export function passOnRoutes(
  app: App,
  options: { mounted: ReadonlyMap<string, MountedApp>; identity: Identity },
): void {
  const { mounted, identity } = options;

  app.register(async (through) => {
    through.removeAllContentTypeParsers();
    through.addContentTypeParser('*', (_request, payload, done) => done(null, payload));
    for (const { prefix, service } of routeTable) {
      const handler = (request: FastifyRequest, reply: FastifyReply) => passOn(service, request, reply);
      for (const url of [prefix, `${prefix}/*`, `${prefix}::*`]) {
        through.route({ method: METHODS, url, schema: { hide: true }, exposeHeadRoute: false, handler });
      }
    }
  });

  function passOn(service: string, request: FastifyRequest, reply: FastifyReply): void {
    const target = mounted.get(service);
    if (!target) throw serviceAway(service);
    const { raw } = request;
    raw.headers[IDENTITY_HEADER] = identity.sign(service, request.principal);
    raw.headers['x-request-id'] = request.id;
    for (const [name, value] of Object.entries(reply.getHeaders()))
      if (value !== undefined) reply.raw.setHeader(name, value);
    reply.hijack();
    target.app.routing(raw, reply.raw);
  }
}
