import type { IncomingMessage } from 'node:http';
import swagger from '@fastify/swagger';
import type { TypeBoxTypeProvider } from '@fastify/type-provider-typebox';
import type { Tracer } from '@opentelemetry/api';
import { DEADLINE_HEADER, type ServiceContract } from '@weave-nn/clients';
import type { Runtime } from '@weave-nn/config';
import Fastify, {
  type FastifyBaseLogger,
  type FastifyInstance,
  type FastifyReply,
  type FastifyRequest,
  type FastifyServerFactory,
  LogController,
} from 'fastify';
import { COMMON_ROUTES } from '../declared.ts';
import { createAccessCheck } from '../security/access.ts';
import { callContext, inCallContext } from '../security/call-context.ts';
import { IDENTITY_HEADER, type Identity, type Principal } from '../security/identity.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { traceRequest } from '../telemetry/response-span.ts';
import { createClientErrorHandler } from './client-errors.ts';
import { type Connections, trackConnections } from './connections.ts';
import type { App } from './fastify-app.ts';
import { addHealthRoutes, type Dependencies } from './health.ts';
import { readJsonBodies } from './json-body.ts';
import { answerNotFound, createErrorHandler, type Statuses } from './problems.ts';
import { compileSerializer } from './serialization.ts';
import { compileValidator } from './validation.ts';

declare module 'fastify' {
  interface FastifyRequest {
    principal: Principal;
    /** The `traceparent` of what is done for the request. */
    traceparent: string;
  }
}

export interface AppOptions {
  contract: ServiceContract;
  version: string;
  runtime: Runtime;
  log: FastifyBaseLogger;
  metrics: Metrics;
  /** As `METRICS_API_KEY` says. */
  metricsKey: string | undefined;
  /** Undefined where no spans are recorded. */
  tracer: Tracer | undefined;
  dependencies: Dependencies;
  /** True once the process has been told to stop. */
  closing: () => boolean;
  statuses: Statuses;
  bodyLimit: number;
  /** Absent for the gateway, which lets callers in itself. */
  identity?: Identity;
  rewriteUrl?: (url: string) => string;
  /** The proxies that are believed when they say for whom they ask. */
  trustedProxies?: readonly string[];
  /** Of the service that listens; the others have no server of their own. */
  serverFactory?: FastifyServerFactory;
}

const REQUEST_ID = /^[\w.:-]{1,128}$/;
const MAX_REQUEST_MS = 120_000;

/** When the caller stops waiting, on this process's monotonic clock: clocks of machines differ, what is left does not. */
function deadlineOf(header: string | string[] | undefined, runtime: Runtime): number | undefined {
  const left = Number(header);
  return header === undefined || !Number.isFinite(left) ? undefined : runtime.monotonic() + left;
}

const READING = new Set(['GET', 'HEAD', 'OPTIONS']);

/** Aborted when the client of a request that changes something goes away. */
function goneSignal({ method }: FastifyRequest, { raw }: FastifyReply): AbortSignal | undefined {
  if (READING.has(method)) return undefined;
  // A call within the process has no client of its own, only that of the request which makes it.
  const { signal } = callContext();
  if (signal) return signal;
  const gone = new AbortController();
  raw.once('close', () => {
    if (!raw.writableFinished) gone.abort();
  });
  return gone.signal;
}

/** Takes requests only from services who say for whom they ask, and only what those may ask. */
function authenticateServiceCalls(app: App, identity: Identity, { contract, runtime }: AppOptions): void {
  const checkAccess = createAccessCheck(contract);
  app.addHook('onRequest', (request, reply, done) => {
    if (COMMON_ROUTES.has(request.url)) return done();
    try {
      request.principal = identity.verify(contract.name, request.headers[IDENTITY_HEADER] as string | undefined);
      const { url: pattern } = request.routeOptions;
      // A request that no route is there for is answered so.
      if (pattern !== undefined) checkAccess(request.principal, request.method, pattern);
    } catch (error) {
      return done(error as Error);
    }
    const { principal, id: requestId, headers } = request;
    const deadline = deadlineOf(headers[DEADLINE_HEADER], runtime);
    inCallContext({ principal, requestId, deadline, signal: goneSignal(request, reply) }, done);
  });
}

/**
 * The Fastify instance every service runs in: request ids, problem documents, health, readiness, metrics, OpenAPI,
 * and the refusal of callers who don't say who they are.
 */
export async function createApp(options: AppOptions): Promise<App> {
  const { runtime, identity, rewriteUrl, trustedProxies = [] } = options;
  let connections: Connections | undefined;
  const app = Fastify({
    loggerInstance: options.log,
    logController: new LogController({ disableRequestLogging: true }),
    genReqId: ({ headers }) => {
      const given = headers['x-request-id'];
      return typeof given === 'string' && REQUEST_ID.test(given) ? given : runtime.uuid();
    },
    routerOptions: { maxParamLength: 16_384 },
    bodyLimit: options.bodyLimit,
    requestTimeout: MAX_REQUEST_MS,
    forceCloseConnections: 'idle',
    return503OnClosing: true,
    clientErrorHandler: createClientErrorHandler(runtime, (socket) => connections?.isResponding(socket) ?? false),
    frameworkErrors: (error, request, reply) => createErrorHandler(options.statuses)(error, request, reply),
    ...(trustedProxies.length > 0 ? { trustProxy: [...trustedProxies] } : {}),
    ...(options.serverFactory ? { serverFactory: options.serverFactory } : {}),
    ...(rewriteUrl ? { rewriteUrl: (request: IncomingMessage) => rewriteUrl(request.url ?? '/') } : {}),
  }).withTypeProvider<TypeBoxTypeProvider>() as unknown as App;

  connections = trackConnections(app.server);
  app.addHook('preClose', async () => connections?.closeUnused());
  readJsonBodies(app);
  app.setValidatorCompiler(compileValidator);
  app.setSerializerCompiler(compileSerializer);
  app.setErrorHandler(createErrorHandler(options.statuses));
  app.setNotFoundHandler(answerNotFound);
  app.decorateRequest('principal');
  app.decorateRequest('traceparent', '');
  app.addHook('onRequest', (request, reply, done) => {
    reply.header('x-request-id', request.id);
    // A connection that is kept would be closed under the next request on it.
    if (options.closing()) reply.header('connection', 'close');
    if (COMMON_ROUTES.has(request.url)) return done();
    traceRequest(options.tracer, runtime, request, reply, done);
  });
  if (identity) authenticateServiceCalls(app, identity, options);
  app.addHook('onResponse', (request, reply, done) => {
    request.log.debug(
      { method: request.method, url: request.url, status: reply.statusCode, ms: reply.elapsedTime },
      'request',
    );
    done();
  });
  options.metrics.observe(app as unknown as FastifyInstance, options.contract.name);
  await app.register(swagger, {
    openapi: { openapi: '3.1.0', info: { title: `Weave-NN ${options.contract.name}`, version: options.version } },
  });
  addHealthRoutes(app as unknown as FastifyInstance, options);
  return app;
}
