import { resolve } from 'node:path';
import { type Cache, openCache } from '@weave-nn/cache';
import { type Clients, createClients, topology, type Upstreams } from '@weave-nn/clients';
import { type Environment, pause, type Runtime, readSettings, systemRuntime } from '@weave-nn/config';
import { createPrecedence } from '@weave-nn/events';
import type { FastifyBaseLogger } from 'fastify';
import type { MountedApp, ProcessContext, ServiceDefinition } from '../definition.ts';
import { StartError } from '../errors.ts';
import { createFrontServer } from '../http/front.ts';
import { createIdentity } from '../security/identity.ts';
import { readTrustedProxies } from '../security/trusted-proxies.ts';
import { openLog, reportTo } from '../telemetry/log.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { startTelemetry } from '../telemetry/start.ts';
import { openBus } from './bus.ts';
import { cachePrefix } from './cache-prefix.ts';
import { openDataDirectory } from './data-directory.ts';
import { chooseDataDirectory, type Deployment, planDeployment } from './deployment.ts';
import { type Mounted, mountService } from './mount.ts';
import { ProcessSettings } from './process-settings.ts';
import { createTransports } from './transports.ts';

export interface ProcessOptions {
  /** What may be mounted, each after those it depends on; the last one that is listens. */
  definitions: readonly ServiceDefinition[];
  environment: Environment;
  version: string;
  runtime?: Runtime;
  log?: FastifyBaseLogger;
}

/** A process with its services. */
export interface WeaveProcess {
  dataDir: string;
  vaultPath: string | undefined;
  clients: Clients;
  /** Aborted when the process begins to stop. */
  stopping: AbortSignal;
  mounted: ReadonlyMap<string, MountedApp>;
  /** A secret of the data directory, made at its first use. */
  secret(name: string): { value: string; isNew: boolean };
  /** Begins to listen and to work; resolves to the URL once requests are taken. */
  start(): Promise<string>;
  /** Finishes what is in hand and lets go of everything; safe to call twice. */
  stop(): Promise<void>;
}

const STAY_ALIVE = 60_000;

async function listen(front: Mounted, host: string, port: number): Promise<string> {
  try {
    return await front.app.listen({ host, port });
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'EADDRINUSE') {
      throw new StartError(
        'port-in-use',
        `port ${port} on ${host} is in use; stop what uses it, or choose another with --port`,
      );
    }
    throw new StartError('cannot-listen', `cannot listen on ${host}:${port}: ${(error as Error).message}`);
  }
}

async function openAllUpstreams({ remote }: Deployment, runtime: Runtime): Promise<Map<string, Upstreams>> {
  const upstreams = new Map<string, Upstreams>();
  if (remote.size === 0) return upstreams;
  const { openUpstreams } = await import('@weave-nn/clients/remote');
  for (const [service, urls] of remote) upstreams.set(service, openUpstreams(service, urls, runtime));
  return upstreams;
}

/**
 * Makes a process: opens its data directory, broker and databases and mounts its services. Nothing listens or works
 * by itself until `start`, so that a stopped system can be inspected.
 *
 * @throws SettingError for a wrong setting, StartError for anything else that forbids the start
 */
export async function createProcess(options: ProcessOptions): Promise<WeaveProcess> {
  const { environment, runtime = systemRuntime } = options;
  const settings = readSettings(ProcessSettings, environment);
  const deployment = planDeployment(options.definitions, settings, environment);
  const trustedProxies = readTrustedProxies(settings.TRUSTED_PROXIES);
  const { mounted: definitions } = deployment;
  const vaultPath = settings.VAULT_PATH === undefined ? undefined : resolve(settings.VAULT_PATH);
  const dataDir = chooseDataDirectory(settings, definitions, environment);
  const directory = openDataDirectory(dataDir);
  const log = options.log ?? openLog({ level: settings.LOG_LEVEL, name: settings.SERVICE_NAME });
  const report = reportTo(log);
  const stopping = new AbortController();
  let started = false;
  const mounted = new Map<string, Mounted>();
  const upstreams = await openAllUpstreams(deployment, runtime);
  const signingKey = settings.SERVICE_SIGNING_KEY ?? directory.secret('signing-key').value;
  const identity = createIdentity(signingKey, runtime);
  const telemetry = await startTelemetry({
    endpoint: settings.OTEL_EXPORTER_OTLP_ENDPOINT,
    serviceName: settings.SERVICE_NAME ?? (definitions.length === 1 ? definitions[0]?.name : undefined) ?? 'weave-nn',
    version: options.version,
    runtime,
    report,
  });
  const front = definitions.at(-1);
  let cache: Cache | undefined;
  let processContext: Omit<ProcessContext, 'clients' | 'tracer'> | undefined;

  function clientsOf(service: string): Clients {
    const tracer = telemetry.tracerOf(service);
    return createClients(createTransports({ mounted, upstreams, identity, runtime, tracer }));
  }

  // Timers of the runtime keep no process alive, and what only inspects a stopped system may wait for nothing else.
  const alive = setInterval(() => undefined, STAY_ALIVE);

  async function closeAll() {
    clearInterval(alive);
    for (const service of [...mounted.values()].reverse()) await service.close();
    await Promise.all([...upstreams.values()].map((each) => each.close()));
    await processContext?.bus.close();
    await cache?.close();
    await telemetry.close();
    directory.release();
  }

  try {
    cache = await openCache({
      ...(settings.REDIS_URL === undefined ? {} : { url: settings.REDIS_URL }),
      prefix: cachePrefix(settings, signingKey),
      runtime,
      report,
    });
    processContext = {
      runtime,
      log,
      metrics: createMetrics(),
      bus: await openBus(settings, dataDir, runtime, report),
      precedence: createPrecedence(runtime),
      cache,
      vaultId: settings.VAULT_ID,
      vaultPath,
      dataDir,
      version: options.version,
      mounted,
      upstreams,
      identity,
      secret: directory.secret,
      stopping: stopping.signal,
    };
    await processContext.bus.declare(topology);
    for (const definition of definitions) {
      const service = await mountService(definition, {
        environment,
        processContext: {
          ...processContext,
          tracer: telemetry.tracerOf(definition.name),
          clients: clientsOf(definition.name),
        },
        identity,
        migrateOnStart: settings.MIGRATE_ON_START,
        databaseUrl: deployment.databaseUrl(definition.name),
        poolSize: settings.DATABASE_POOL_SIZE,
        serverFactory: definition === front ? createFrontServer(mounted, identity, runtime) : undefined,
        starting: () => !started,
        closing: () => stopping.signal.aborted,
        metricsKey: settings.METRICS_API_KEY,
        trustedProxies,
      });
      mounted.set(definition.name, service);
    }
  } catch (error) {
    await closeAll();
    throw error;
  }

  let listening = false;
  let beginning: Promise<string> | undefined;
  let stopped: Promise<void> | undefined;

  async function begin(): Promise<string> {
    const service = front && mounted.get(front.name);
    if (!service) throw new StartError('nothing-mounted', 'no service to start');
    const url = await listen(service, settings.HOST, settings.PORT ?? front.port);
    listening = true;
    directory.announce({ pid: process.pid, url, version: options.version });
    for (const each of mounted.values()) await each.start();
    started = true;
    log.info({ url, services: [...mounted.keys()], version: options.version }, 'started');
    return url;
  }

  async function stop() {
    stopping.abort();
    const begun = runtime.monotonic();
    log.info({ drainMs: listening ? settings.DRAIN_MS : 0 }, 'stopping');
    // What is half begun cannot be ended; why it failed is told to whoever began it.
    await beginning?.catch(() => undefined);
    if (listening) await pause(runtime, settings.DRAIN_MS);
    if (front) await mounted.get(front.name)?.app.close();
    for (const service of mounted.values()) {
      const since = runtime.monotonic();
      await service.stop();
      log.info({ service: service.name, tookMs: Math.round(runtime.monotonic() - since) }, 'service stopped');
    }
    await closeAll();
    log.info({ tookMs: Math.round(runtime.monotonic() - begun) }, 'stopped');
  }

  return {
    dataDir,
    vaultPath,
    clients: clientsOf('weave'),
    stopping: stopping.signal,
    mounted,
    secret: directory.secret,
    start() {
      beginning ??= begin();
      return beginning;
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}
