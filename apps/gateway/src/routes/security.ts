import cors from '@fastify/cors';
import { type App, IDENTITY_HEADER } from '@weave-nn/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { GatewaySettings } from '../config.ts';
import { type Caller, lackOf } from '../domain/access.ts';
import type { KeyRefusal, KeyRing } from '../domain/key-ring.ts';
import { type Need, needOf } from '../domain/route-table.ts';
import { bearerOf } from '../domain/secret.ts';
import { accessRefused, keyMissing, keyRefused, keysUnavailable } from '../errors.ts';
import type { Limits } from './limits.ts';
import { addSecurityHeaders } from './security-headers.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Who asks the gateway, as its key says; of requests that need one. */
    caller: Caller;
  }
}

const MAX_CLIENT_LENGTH = 200;

/** Who may come in, from where, how often and how far; and headers that keep browsers from doing harm. */
export async function addSecurity(
  app: App,
  options: { settings: GatewaySettings; ring: KeyRing; limits: Limits },
): Promise<void> {
  const { settings, ring, limits } = options;

  addSecurityHeaders(app);
  if (settings.CORS_ORIGINS) {
    await app.register(cors, {
      origin: settings.CORS_ORIGINS.split(',').map((origin) => origin.trim()),
      exposedHeaders: ['etag', 'x-request-id', 'x-index-lag', 'x-forbidden-types'],
    });
  }
  app.decorateRequest('caller');
  // What it has to wait for is rare, and a hook that is a promise costs every request a few microseconds.
  app.addHook('onRequest', (request, reply, done) => {
    delete request.headers[IDENTITY_HEADER];
    const need = needOf(request.method, request.routeOptions.url);
    if (need === 'nothing') return done();
    try {
      const caller = identifyAndCount(request);
      if (!(caller instanceof Promise)) return letIn(caller, need, request, reply, done);
      caller.then((known) => letIn(known, need, request, reply, done), done);
    } catch (error) {
      done(error as Error);
    }
  });

  /** The key first, and only then the share that it counts against: what one client guesses must not stop another. */
  function identifyAndCount(request: FastifyRequest): Caller | Promise<Caller> {
    const caller = identify(request);
    if (caller instanceof Promise) return caller.then((known) => count(known, request));
    return count(caller, request);
  }

  function count(caller: Caller, { ip }: FastifyRequest): Caller | Promise<Caller> {
    const admitted = limits.admit(ip);
    return admitted ? admitted.then(() => caller) : caller;
  }

  async function refuseMissing({ ip }: FastifyRequest): Promise<never> {
    await limits.countRefusal(ip, 'missing');
    throw keyMissing();
  }

  function identify(request: FastifyRequest): Caller | Promise<Caller> {
    const key = bearerOf(request.headers.authorization);
    if (key === undefined) return refuseMissing(request);
    const found = ring.identify(key);
    if (typeof found !== 'string' && !(found instanceof Promise)) return found;
    return findOrRefuse(found, request);
  }

  async function findOrRefuse(found: KeyRefusal | Promise<Caller | KeyRefusal>, { ip, log }: FastifyRequest) {
    const caller = await Promise.resolve(found).catch((error: Error & { code?: string }) => {
      log.error({ err: error }, 'keys cannot be looked up');
      throw keysUnavailable(error.code ?? error.name);
    });
    if (typeof caller !== 'string') return caller;
    await limits.countRefusal(ip, 'wrong');
    throw keyRefused(caller);
  }
}

function letIn(
  caller: Caller,
  need: Exclude<Need, 'nothing'> | undefined,
  request: FastifyRequest,
  reply: FastifyReply,
  done: (error?: Error) => void,
): void {
  request.caller = caller;
  request.principal = { ...caller, client: clientOf(request) };
  if (need) {
    const lack = lackOf(caller, need);
    done(lack && accessRefused(lack, need));
  } else if (request.routeOptions.url === undefined) {
    // What no route is there for is answered so anyway.
    done();
  } else reply.callNotFound();
}

function clientOf({ headers }: FastifyRequest): string | null {
  return headers['user-agent']?.slice(0, MAX_CLIENT_LENGTH) ?? null;
}
