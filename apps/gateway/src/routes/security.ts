import cors from '@fastify/cors';
import helmet from '@fastify/helmet';
import rateLimit from '@fastify/rate-limit';
import { type App, IDENTITY_HEADER } from '@weave-nn/service';
import type { FastifyRequest } from 'fastify';
import type { GatewaySettings } from '../config.ts';
import { bearerOf, createKeyCheck } from '../domain/keys.ts';
import { keyMissing, keyWrong, tooManyRequests } from '../errors.ts';

const open = /^\/(health|ready|metrics|openapi\.json|docs(\/.*)?)$/;
const LONGEST_CLIENT = 200;

/** Who may come in, from where, how often; and headers that keep browsers from doing harm. */
export async function addSecurity(app: App, options: { settings: GatewaySettings; apiKey: string }): Promise<void> {
  const { settings } = options;
  const isKey = createKeyCheck(options.apiKey);

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

  app.addHook('onRequest', async (request) => {
    delete request.headers[IDENTITY_HEADER];
    if (open.test(request.url.split('?')[0] ?? '')) return;
    refusals?.check(request.ip);
    const key = bearerOf(request.headers.authorization);
    if (key === undefined) throw keyMissing();
    if (!isKey(key)) {
      refusals?.count(request.ip);
      throw keyWrong();
    }
    request.principal = { id: 'key:default', role: 'admin', client: clientOf(request) };
  });
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
