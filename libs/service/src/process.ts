import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { createFileClient, createMcpSyncClient } from '@weave-nn/clients';
import { type Environment, type Runtime, readSettings, SettingError, systemRuntime } from '@weave-nn/config';
import { openEmbeddedBroker, topology } from '@weave-nn/events';
import type { FastifyBaseLogger } from 'fastify';
import { pino } from 'pino';
import { openDataDirectory } from './data-directory.ts';
import type { Clients, MountedApp, ServiceDefinition, Surroundings } from './definition.ts';
import { StartError } from './errors.ts';
import { createIdentity } from './identity.ts';
import { createLocalTransport } from './local-transport.ts';
import { createMetrics } from './metrics.ts';
import { type Mounted, mountService } from './mount.ts';
import { defaultDataDirectory, ProcessSettings, refuseUnsupported } from './process-settings.ts';

export interface ProcessOptions {
  /** What to mount, each after those it depends on; the last one listens. */
  definitions: readonly ServiceDefinition[];
  environment: Environment;
  version: string;
  runtime?: Runtime;
  log?: FastifyBaseLogger;
}

/** A process with its services. */
export interface WeaveProcess {
  dataDir: string;
  vaultPath: string;
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

/** pino's redaction is a second line of defence: secrets aren't passed to the log in the first place. */
const redacted = ['req.headers.authorization', 'headers.authorization', '*.apiKey', '*.WEAVE_API_KEY', '*.token'];

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

/**
 * Makes a process: opens its data directory, broker and databases and mounts its services. Nothing listens or works
 * by itself until `start`, so that a stopped system can be inspected.
 *
 * @throws SettingError for a wrong setting, StartError for anything else that forbids the start
 */
export async function createProcess(options: ProcessOptions): Promise<WeaveProcess> {
  const { environment, definitions, runtime = systemRuntime } = options;
  refuseUnsupported(environment);
  const settings = readSettings(ProcessSettings, environment);
  const vaultPath = resolve(settings.VAULT_PATH);
  let dataDir: string;
  try {
    dataDir = resolve(settings.DATA_DIR ?? defaultDataDirectory(vaultPath, environment));
  } catch {
    throw new SettingError('VAULT_PATH', 'a folder that exists', JSON.stringify(vaultPath));
  }
  const directory = openDataDirectory(dataDir);
  const log = options.log ?? (pino({ level: settings.LOG_LEVEL, redact: redacted }) as FastifyBaseLogger);
  const stopping = new AbortController();
  const mounted = new Map<string, Mounted>();
  const identity = createIdentity(settings.SERVICE_SIGNING_KEY ?? directory.secret('signing-key').value, runtime.now);
  const clients: Clients = {
    file: createFileClient(createLocalTransport('file', mounted, identity)),
    mcpSync: createMcpSyncClient(createLocalTransport('mcp-sync', mounted, identity)),
  };
  let surroundings: Surroundings | undefined;

  async function closeAll() {
    for (const service of [...mounted.values()].reverse()) await service.close();
    await surroundings?.bus.close();
    directory.release();
  }

  try {
    mkdirSync(dataDir, { recursive: true });
    const bus = await openEmbeddedBroker({
      file: `${dataDir}/broker.db`,
      runtime,
      report: (message, error) => log.warn({ err: error }, message),
    });
    surroundings = {
      runtime,
      log,
      metrics: createMetrics(),
      bus,
      clients,
      vaultId: settings.VAULT_ID,
      vaultPath,
      dataDir,
      version: options.version,
      mounted,
      identity,
      secret: directory.secret,
      stopping: stopping.signal,
    };
    await bus.declare(topology);
    for (const definition of definitions) {
      const service = await mountService(definition, {
        environment,
        surroundings,
        identity,
        migrateOnStart: settings.MIGRATE_ON_START,
        closing: () => stopping.signal.aborted,
      });
      mounted.set(definition.name, service);
    }
  } catch (error) {
    await closeAll();
    throw error;
  }

  const front = definitions.at(-1);
  let stopped: Promise<void> | undefined;
  async function stop() {
    stopping.abort();
    if (front) await mounted.get(front.name)?.app.close();
    for (const service of mounted.values()) await service.stop();
    await closeAll();
  }

  return {
    dataDir,
    vaultPath,
    clients,
    stopping: stopping.signal,
    mounted,
    secret: directory.secret,
    async start() {
      const service = front && mounted.get(front.name);
      if (!service) throw new StartError('nothing-mounted', 'no service to start');
      const url = await listen(service, settings.HOST, settings.PORT ?? front.port);
      directory.announce({ pid: process.pid, url, version: options.version });
      for (const each of mounted.values()) await each.start();
      return url;
    },
    stop() {
      stopped ??= stop();
      return stopped;
    },
  };
}
