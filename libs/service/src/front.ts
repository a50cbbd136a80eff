import { createServer, type Server } from 'node:http';
import type { FastifyServerFactory } from 'fastify';
import type { MountedApp } from './definition.ts';
import { IDENTITY_HEADER, type Identity } from './identity.ts';

const LONGEST_REQUEST = 120_000;

/**
 * Makes the one server of a process. A call from another process says in its token which service it is for and goes
 * straight there; everything else is for the service in front.
 */
export function createFrontServer(mounted: ReadonlyMap<string, MountedApp>, identity: Identity): FastifyServerFactory {
  return (handler): Server => {
    const server = createServer((request, response) => {
      const token = request.headers[IDENTITY_HEADER];
      const audience = typeof token === 'string' ? identity.audienceOf(token) : undefined;
      const target = audience === undefined ? undefined : mounted.get(audience);
      if (target) target.app.routing(request, response);
      else handler(request, response);
    });
    server.requestTimeout = LONGEST_REQUEST;
    return server;
  };
}
