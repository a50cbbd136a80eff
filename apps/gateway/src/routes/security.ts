import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import { type App, IDENTITY_HEADER } from '@weave-nn/service';
import type { FastifyRequest } from 'fastify';
import type { GatewaySettings } from '../config.ts';
import { type Caller, lackOf } from '../domain/access.ts';
import type { KeyRing } from '../domain/key-ring.ts';
import { needOf } from '../domain/route-table.ts';
import { bearerOf } from '../domain/secret.ts';
import { accessRefused, keyMissing, keyRefused, keysUnavailable } from '../errors.ts';
import type { Limits } from './limits.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks the gateway, as its key says; of requests that need one. */
    caller: Caller;
  }
}

const LONGEST_CLIENT = 200;

/** Who may come in, from where, how often and how far; and headers that keep browsers from doing harm. */
export async function addSecurity(
  app: App,
  options: { settings: GatewaySettings; ring: KeyRing; limits: Limits },
): Promise<void> {
  const { settings, ring, limits } = options;

  await app.register(helmet, { contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null } } });
  await app.register(cors, {
    origin: settings.CORS_ORIGINS ? settings.CORS_ORIGINS.split(',').map((origin) => origin.trim()) : false,
    exposedHeaders: ['etag', 'x-request-id', 'x-index-lag'],
  });
  app.decorateRequest('caller');
  app.addHook('onRequest', async (request, reply) => {
    delete request.headers[IDENTITY_HEADER];
    const { url: pattern } = request.routeOptions;
    const need = needOf(request.method, pattern);
    if (need === 'nothing') return;
    await limits.admit(request.ip);
    const caller = await identify(request);
    request.caller = caller;
    request.principal = { id: caller.id, role: caller.role, client: clientOf(request) };
    if (!need) {
      // What no route is there for is answered so anyway.
      if (pattern !== undefined) reply.callNotFound();
      return;
    }
    const lack = lackOf(caller, need);
    if (lack) throw accessRefused(lack, need);
  });

  async function identify({ ip, headers, log }: FastifyRequest): Promise<Caller> {
    const key = bearerOf(headers.authorization);
    if (key === undefined) throw keyMissing();
    const caller = await ring.identify(key).catch((error: Error & { code?: string }) => {
      log.error({ err: error }, 'keys cannot be looked up');
      throw keysUnavailable(error.code ?? error.name);
    });
    if (typeof caller !== 'string') return caller;
    await limits.countRefusal(ip);
    throw keyRefused(caller);
  }
}

function clientOf({ headers }: FastifyRequest): string | null {
  return headers['user-agent']?.slice(0, LONGEST_CLIENT) ?? null;
}
