import { chmodSync } from 'node:fs';
import { join } from 'node:path';
import {
  addressesOf,
  createApi,
  freePort,
  type SeparateService,
  type ServiceProcess,
  separateServices,
  startServiceProcess,
  temporaryFolder,
  until,
} from '@weave-nn/testing';
import pg from 'pg';
import { startPostgresql } from '../../servers/postgresql.ts';
import { startRabbitmq } from '../../servers/rabbitmq.ts';
import { startRedis } from '../../servers/redis.ts';
import { drillKey } from '../weave-process.ts';
import { createTcpProxy } from './tcp-proxy.ts';

const MAX_READY_MS = 60_000;
/** Every service may have two copies; one address of each is free until a second is started. */
const COPIES = 2;

type Ports = Readonly<Record<SeparateService, number>>;

export interface WorldOptions {
  /** Further settings of every service. `folder` is the world's own. */
  environment?: (folder: string) => Readonly<Record<string, string>>;
  /** Further lines of RabbitMQ's configuration. */
  rabbitmq?: readonly string[];
  /** Further arguments of RabbitMQ's Erlang machine. */
  erlang?: string;
  /** Makes the vault before anything is started. */
  prepare?: (vault: string) => Promise<void>;
  /** A command and its arguments that every service and server is run under, and becomes. */
  under?: readonly string[];
}

/** Sends a statement to PostgreSQL, and answers its rows. */
export type Query = (text: string) => Promise<Record<string, string>[]>;

async function choosePorts(): Promise<Ports> {
  const numbers = await Promise.all(separateServices.map(() => freePort()));
  return Object.fromEntries(separateServices.map((service, index) => [service, numbers[index]])) as Ports;
}

/** The first address of each service and the second, as a setting names both. */
function bothAddresses(first: Ports, second: Ports): Record<string, string> {
  const others = addressesOf(second);
  return Object.fromEntries(Object.entries(addressesOf(first)).map(([name, url]) => [name, `${url},${others[name]}`]));
}

/**
 * Every service as a process of its own over servers of this drill's own: they are started from the installed
 * programs, on free ports, in temporary folders, and nothing else on the machine is touched. RabbitMQ is reached
 * through a proxy that can cut and stall what passes.
 */
export async function openWorld(options: WorldOptions = {}) {
  const { under } = options;
  const folder = temporaryFolder('drill');
  chmodSync(folder.path, 0o755);
  const at = (name: string) => join(folder.path, name);
  const vault = temporaryFolder('drill-vault');
  await options.prepare?.(vault.path);
  const ports: readonly Ports[] = [await choosePorts(), await choosePorts()];
  const [first, second] = ports as [Ports, Ports];
  const [postgresql, rabbitmq, redis] = await Promise.all([
    startPostgresql({ folder: at('postgresql'), port: await freePort(), under }),
    startRabbitmq({
      folder: at('rabbitmq'),
      port: await freePort(),
      under,
      settings: options.rabbitmq ?? [],
      erlang: options.erlang,
    }),
    startRedis({ folder: at('redis'), port: await freePort(), under }),
  ]);
  const proxy = await createTcpProxy(Number(new URL(rabbitmq.url).port));
  const addresses = bothAddresses(first, second);
  const environment = {
    DATABASE_URL: postgresql.url,
    RABBITMQ_URL: `amqp://guest:guest@127.0.0.1:${proxy.port}`,
    REDIS_URL: redis.url,
    WEAVE_API_KEY: drillKey,
    VAULT_SCAN_INTERVAL: '5',
    DRAIN_MS: '1500',
    ...options.environment?.(folder.path),
  };
  const own: Partial<Record<SeparateService, Record<string, string>>> = {
    file: { VAULT_PATH: vault.path },
    git: { VAULT_PATH: vault.path, FILE_SERVICE_URL: addresses.FILE_SERVICE_URL ?? '' },
    'mcp-sync': { FILE_SERVICE_URL: addresses.FILE_SERVICE_URL ?? '' },
    task: { FILE_SERVICE_URL: addresses.FILE_SERVICE_URL ?? '' },
    gateway: addresses,
  };
  const running = new Map<string, ServiceProcess>();

  /** Starts a copy of a service at its first or second address, perhaps with other settings than before. */
  function launch(service: SeparateService, copy = 0, settings: Readonly<Record<string, string>> = {}): ServiceProcess {
    const launched = startServiceProcess({
      service,
      port: ports[copy % COPIES]?.[service] ?? 0,
      data: at('data'),
      environment: { ...environment, ...own[service], ...settings },
      ...(under ? { under } : {}),
    });
    running.set(`${service}-${copy % COPIES}`, launched);
    return launched;
  }

  /** The same; resolves when it says that it is ready. */
  async function start(service: SeparateService, copy = 0): Promise<ServiceProcess> {
    const started = launch(service, copy);
    await until(
      `${service} is ready`,
      async () => started.hasEnded() || (await fetch(`${started.url}/ready`)).ok,
      MAX_READY_MS,
    );
    if (started.hasEnded()) throw new Error(`${service} ended:\n${started.output()}`);
    return started;
  }

  /** Does something on one connection to PostgreSQL. */
  async function withDatabase<Result>(work: (query: Query) => Promise<Result>): Promise<Result> {
    const client = new pg.Client({ connectionString: postgresql.url });
    await client.connect();
    try {
      return await work(async (text) => (await client.query(text)).rows);
    } finally {
      await client.end();
    }
  }

  /** Ends everything; what it has written is removed, or left for somebody to look at. */
  async function close(isKept = false): Promise<void> {
    await Promise.all([...running.values()].map((each) => each.end('SIGKILL')));
    await proxy.close();
    await Promise.all([postgresql, rabbitmq, redis].map((each) => each.stop('SIGKILL')));
    if (!isKept) for (const each of [folder, vault]) each.remove();
  }

  try {
    for (const service of separateServices) await start(service);
  } catch (error) {
    await close();
    throw error;
  }

  return {
    api: createApi(`http://127.0.0.1:${first.gateway}`, drillKey),
    key: drillKey,
    vault: vault.path,
    folder: folder.path,
    withDatabase,
    postgresql,
    rabbitmq,
    redis,
    proxy,
    launch,
    start,
    process: (service: SeparateService, copy = 0) => running.get(`${service}-${copy % COPIES}`) as ServiceProcess,
    /** What the services last logged. */
    logs: () => [...running.values()].map(({ service, output }) => `${service}:\n${output().slice(-3_000)}`).join('\n'),
    close,
  };
}

export type DrillWorld = Awaited<ReturnType<typeof openWorld>>;
