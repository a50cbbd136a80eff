import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import swagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Runtime } from '@weave-nn/config';
import Fastify, { type FastifyBaseLogger, type FastifyInstance, LogController } from 'fastify';
import { trackConnections } from './connections.ts';
import { addHealthRoutes, type Dependencies } from './health.ts';
import { IDENTITY_HEADER, type Identity, type Principal } from './identity.ts';
import type { Metrics } from './metrics.ts';
import { answerNotFound, createErrorHandler, type Statuses } from './problems.ts';
import { createValidator } from './validation.ts';

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal;
  }
}

/** A Fastify instance whose routes take their types from their TypeBox schemas. */
export type App = FastifyInstance<Server, IncomingMessage, ServerResponse, FastifyBaseLogger, TypeBoxTypeProvider>;

export interface AppOptions {
  service: string;
  version: string;
  runtime: Runtime;
  log: FastifyBaseLogger;
  metrics: Metrics;
  dependencies: () => Dependencies;
  statuses: Statuses;
  bodyLimit: number;
  /** Absent for the gateway, which lets callers in itself. */
  identity?: Identity;
  rewriteUrl?: (url: string) => string;
}

const REQUEST_ID = /^[\w.:-]{1,128}$/;
const open = new Set(['/health', '/ready', '/metrics', '/openapi.json']);
const LONGEST_REQUEST = 120_000;

/**
 * The Fastify instance every service runs in: request ids, problem documents, health, readiness, metrics, OpenAPI,
 * and the refusal of callers who don't say who they are.
 */
export async function createApp(options: AppOptions): Promise<App> {
  const { service, runtime, identity, rewriteUrl } = options;
  const app = Fastify({
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: ({ headers }) => {
      const given = headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : runtime.uuid();
    },
    routerOptions: { maxParamLength: 16_384 },
    bodyLimit: options.bodyLimit,
    requestTimeout: LONGEST_REQUEST,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    frameworkErrors: (error, request, reply) => createErrorHandler(options.statuses)(error, request, reply),
    ...(rewriteUrl ? { rewriteUrl: (request: IncomingMessage) => rewriteUrl(request.url ?? '/') } : {}),
  }).withTypeProvider<TypeBoxTypeProvider>() as unknown as App;

  const closeUnused = trackConnections(app.server);
  app.addHook('preClose', async () => closeUnused());
  app.setValidatorCompiler(createValidator());
  app.setErrorHandler(createErrorHandler(options.statuses));
  app.setNotFoundHandler(answerNotFound);
  app.decorateRequest('principal');
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
    if (identity && !open.has(request.url)) {
      request.principal = identity.verify(service, request.headers[IDENTITY_HEADER] as string | undefined);
    }
  });
  app.addHook('onResponse', async (request, reply) => {
    request.log.debug(
      { method: request.method, url: request.url, status: reply.statusCode, ms: reply.elapsedTime },
      'request',
    );
  });
  options.metrics.observe(app as unknown as FastifyInstance, service);
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: `Weave-NN ${service}`, version: options.version } },
  });
  addHealthRoutes(app as unknown as FastifyInstance, options.dependencies, options.metrics);
  return app;
}
