import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { type App, IDENTITY_HEADER } from '@weave-nn/service';
import type { FastifyRequest } from 'fastify';
import type { GatewaySettings } from '../config.ts';
import { type Caller, lackOf } from '../domain/access.ts';
import type { KeyRing } from '../domain/key-ring.ts';
import { needOf } from '../domain/route-table.ts';
import { bearerOf } from '../domain/secret.ts';
import { accessRefused, keyMissing, keyRefused, keysUnavailable, tooManyRequests } from '../errors.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks the gateway, as its key says; of requests that need one. */
    caller: Caller;
  }
}

const LONGEST_CLIENT = 200;

/** Who may come in, from where, how often and how far; and headers that keep browsers from doing harm. */
export async function addSecurity(app: App, options: { settings: GatewaySettings; ring: KeyRing }): Promise<void> {
  const { settings, ring } = options;

  await app.register(helmet, { contentSecurityPolicy: { directives: { 'upgrade-insecure-requests': null } } });
  await app.register(cors, {
    origin: settings.CORS_ORIGINS ? settings.CORS_ORIGINS.split(',').map((origin) => origin.trim()) : false,
    exposedHeaders: ['etag', 'x-request-id', 'x-index-lag'],
  });
  if (settings.RATE_LIMIT > 0) {
    await app.register(rateLimit, {
      max: settings.RATE_LIMIT,
      timeWindow: 1000,
      errorResponseBuilder: (_request, { ttl }) => tooManyRequests(Math.max(1, Math.ceil(ttl / 1000))),
    });
  }
  const refusals = settings.AUTH_RATE_LIMIT > 0 ? createRefusals(settings.AUTH_RATE_LIMIT) : undefined;

  app.decorateRequest('caller');
  app.addHook('onRequest', async (request, reply) => {
    delete request.headers[IDENTITY_HEADER];
    const { url: pattern } = request.routeOptions;
    const need = needOf(request.method, pattern);
    if (need === 'nothing') return;
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
    refusals?.check(ip);
    const key = bearerOf(headers.authorization);
    if (key === undefined) throw keyMissing();
    const caller = await ring.identify(key).catch((error: Error & { code?: string }) => {
      log.error({ err: error }, 'keys cannot be looked up');
      throw keysUnavailable(error.code ?? error.name);
    });
    if (typeof caller !== 'string') return caller;
    refusals?.count(ip);
    throw keyRefused(caller);
  }
}

function clientOf({ headers }: FastifyRequest): string | null {
  return headers['user-agent']?.slice(0, LONGEST_CLIENT) ?? null;
}

/** Counts wrong keys by address within one second. */
function createRefusals(most: number) {
  const counts = new Map<string, number>();
  let second = 0;
  function turn() {
    const now = Math.floor(performance.now() / 1000);
    if (now !== second) counts.clear();
    second = now;
  }
  return {
    check(address: string) {
      turn();
      if ((counts.get(address) ?? 0) >= most) throw tooManyRequests(1);
    },
    count(address: string) {
      turn();
      counts.set(address, (counts.get(address) ?? 0) + 1);
    },
  };
}
