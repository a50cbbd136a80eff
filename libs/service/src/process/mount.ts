import type { WorkerContext } from '@weave-nn/background';
import { type Environment, readSettings } from '@weave-nn/config';
import type { Database } from '@weave-nn/database';
import { type Consumer, createOutbox, type Relay, startRelay } from '@weave-nn/events';
import type { FastifyInstance, FastifyServerFactory } from 'fastify';
import { jobRoutes } from '../background/job-routes.ts';
import { createServiceJobs, type JobStarter } from '../background/service-jobs.ts';
import { refuseDifferences, refuseUndeclaredRoutes } from '../declared.ts';
import type { MountedApp, ProcessContext, Service, ServiceDefinition } from '../definition.ts';
import { StartError } from '../errors.ts';
import { createApp } from '../http/app.ts';
import type { Dependencies } from '../http/health.ts';
import type { Identity } from '../security/identity.ts';
import { reportTo } from '../telemetry/log.ts';
import { toolRoutes } from '../tools/tool-routes.ts';
import { migrateStore, openStore, requireMigrated } from './store.ts';

const KEEP_MESSAGES = 7 * 24 * 3_600_000;

/** A service that has been made and not yet been started. */
export interface Mounted extends MountedApp {
  start(): Promise<void>;
  stop(): Promise<void>;
  close(): Promise<void>;
}

interface MountOptions {
  environment: Environment;
  processContext: ProcessContext;
  identity: Identity;
  migrateOnStart: boolean;
  /** A URL of PostgreSQL; undefined for a SQLite file of its own. */
  databaseUrl: string | undefined;
  poolSize: number;
  serverFactory: FastifyServerFactory | undefined;
  /** True until every service of the process does its work. */
  starting: () => boolean;
  closing: () => boolean;
  /** As `METRICS_API_KEY` says. */
  metricsKey: string | undefined;
  /** As `TRUSTED_PROXIES` says. */
  trustedProxies: readonly string[];
}

/** Stands for what a service without a store lacks. */
function withoutStore<Type extends object>(name: string): Type {
  return new Proxy({} as Type, {
    get() {
      throw new StartError('no-database', `the service ${name} declares no store`);
    },
  });
}

/** Makes a service: its settings, database, outbox and routes. Nothing of it works by itself until `start`. */
export async function mountService(definition: ServiceDefinition, options: MountOptions): Promise<Mounted> {
  const { contract } = definition;
  const { name } = contract;
  const { processContext, starting, closing } = options;
  const { bus, cache, precedence, runtime, metrics, tracer, vaultId } = processContext;
  const log = processContext.log.child({ service: name });
  const report = reportTo(log);
  const settings = readSettings(definition.settings, options.environment);
  const { databaseUrl, poolSize } = options;
  const database = await openStore(definition, { dataDir: processContext.dataDir, databaseUrl, poolSize });
  if (database && options.migrateOnStart) {
    const ran = await migrateStore(definition, database);
    if (ran.length > 0) log.info({ ran }, 'tables brought up to date');
  } else if (database) await requireMigrated(definition, database);
  let relay: Relay | undefined;
  let consumers: Consumer[] = [];
  const { observeRound, observeJob } = metrics.observeBackground(name);
  const workers: WorkerContext = { runtime, log, observeRound };
  const background = database && createServiceJobs({ database, vaultId, workers, observeJob });

  const service: Service = await definition.create({
    ...processContext,
    log,
    settings,
    database: database ?? withoutStore<Database>(name),
    jobs: background?.starter ?? withoutStore<JobStarter>(name),
    workers,
    outbox: createOutbox({ source: `/${vaultId}/${name}`, runtime, provider: database?.provider ?? 'sqlite' }),
    wakeRelay: () => relay?.wake(),
    flushOutbox: async () => relay?.flush(),
  });

  const { consumers: consumed = [], tools = [], jobs: definitions = [], schedules = [] } = service;
  refuseDifferences(
    {
      queues: consumed.map(({ queue }) => queue),
      tools: tools.map((tool) => tool.contract.name),
      jobs: definitions.map(({ kind }) => kind),
      schedules: schedules.map((schedule) => schedule.name),
    },
    contract,
  );
  const jobs = background?.define(definitions, schedules);
  const dependencies: Dependencies = {
    ...(database ? { database: () => database.check(), broker: () => bus.check() } : {}),
    cache: () => {
      const { status, detail } = cache.status();
      return status === 'degraded' ? { degraded: detail } : undefined;
    },
    ...service.dependencies,
    process: () => {
      if (closing()) throw new Error('the process is stopping');
      if (starting()) throw new Error('the process is starting');
    },
  };
  const app = await createApp({
    contract,
    version: processContext.version,
    runtime,
    log,
    metrics,
    metricsKey: options.metricsKey,
    tracer,
    dependencies,
    closing,
    statuses: definition.statuses,
    bodyLimit: definition.bodyLimit,
    ...(definition.facesClients ? { trustedProxies: options.trustedProxies } : { identity: options.identity }),
    ...(options.serverFactory ? { serverFactory: options.serverFactory } : {}),
    ...(definition.rewriteUrl ? { rewriteUrl: (url: string) => definition.rewriteUrl?.(url, vaultId) ?? url } : {}),
  });
  if (!definition.facesClients) {
    refuseUndeclaredRoutes(app, contract);
    jobRoutes(app, contract, jobs);
    toolRoutes(app, tools);
    app.get('/openapi.json', { schema: { hide: true } }, async () => app.swagger());
  }
  await service.routes(app);
  await app.ready();

  return {
    name,
    app: app as unknown as FastifyInstance,
    async start() {
      if (database) {
        relay = startRelay({ database, publisher: bus, runtime, report, tracer, retention: KEEP_MESSAGES });
        for (const consumer of consumed) {
          consumers.push(await consumer.start({ bus, database, precedence, runtime, report, tracer }));
          log.info({ queue: consumer.queue, consumer: consumer.name }, 'consumer started');
        }
      }
      await service.start?.();
      // A service without jobs has nothing to poll for.
      if (definitions.length > 0) jobs?.run();
    },
    async stop() {
      await jobs?.stop();
      await service.stop?.();
      await Promise.all(consumers.map((consumer) => consumer.stop()));
      consumers = [];
      await relay?.stop();
    },
    async close() {
      await app.close();
      await database?.close();
    },
  };
}
