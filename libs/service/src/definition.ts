import type { Tracer } from '@opentelemetry/api';
import type { JobDefinition, Schedule, WorkerContext } from '@weave-nn/background';
import type { Cache } from '@weave-nn/cache';
import type { Clients, ServiceContract, ServiceName, Upstreams } from '@weave-nn/clients';
import type { Runtime, Static, TObject } from '@weave-nn/config';
import type { Database } from '@weave-nn/database';
import {
  type Consumer,
  type ConsumerOptions,
  type EventBus,
  type Outbox,
  type Precedence,
  startConsumer,
} from '@weave-nn/events';
import type { FastifyBaseLogger, FastifyInstance } from 'fastify';
import type { JobStarter } from './background/service-jobs.ts';
import type { App } from './http/fastify-app.ts';
import type { Dependencies } from './http/health.ts';
import type { Statuses } from './http/problems.ts';
import type { Identity } from './security/identity.ts';
import type { Metrics } from './telemetry/metrics.ts';
import type { Tool } from './tools/tool.ts';

/** The process a service finds itself in. */
export interface ProcessContext {
  runtime: Runtime;
  log: FastifyBaseLogger;
  metrics: Metrics;
  /** What the service's spans are begun with; undefined where nothing is recorded. */
  tracer: Tracer | undefined;
  bus: EventBus;
  /** Who goes first where large work of this process comes together. */
  precedence: Precedence;
  /** Redis where there is one, memory otherwise. */
  cache: Cache;
  clients: Clients;
  vaultId: string;
  /** The folder of notes; undefined where this process is not told. */
  vaultPath: string | undefined;
  dataDir: string;
  version: string;
  /** The services mounted here, by name, for the gateway to dispatch to. */
  mounted: ReadonlyMap<string, MountedApp>;
  /** The services in other processes, by name. */
  upstreams: ReadonlyMap<string, Upstreams>;
  identity: Identity;
  /** A secret of the data directory, made at its first use, readable by the owner only. */
  secret(name: string): { value: string; isNew: boolean };
  /** Aborted when the process begins to stop: what streams ends then. */
  stopping: AbortSignal;
}

/** What a service is made from. */
export interface ServiceContext<Settings, Client = unknown> extends ProcessContext {
  settings: Settings;
  /** The service's own database, migrated. */
  database: Database<Client>;
  outbox: Outbox;
  /** Says that the outbox has something new. */
  wakeRelay(): void;
  /** Resolves when the outbox has nothing left that was there at the call. */
  flushOutbox(): Promise<void>;
  /** Starts jobs of the service's own kinds. */
  jobs: JobStarter;
  /** What the service's workers run with. */
  workers: WorkerContext;
}

/** What a consumer is given by the process that it runs in. */
export type ConsumerContext = Required<
  Pick<ConsumerOptions<never>, 'bus' | 'database' | 'runtime' | 'report' | 'tracer' | 'precedence'>
>;

/** A consumer of one queue, which a process can start. */
export interface ConsumerDefinition {
  name: string;
  queue: string;
  start(processContext: ConsumerContext): Promise<Consumer>;
}

/** Keeps what a consumer prepares and what it applies together. */
export function defineConsumer<Prepared>(
  options: Omit<ConsumerOptions<Prepared>, keyof ConsumerContext>,
): ConsumerDefinition {
  const { name, queue } = options;
  return { name, queue, start: (processContext) => startConsumer({ ...options, ...processContext }) };
}

/** A service as it runs. */
export interface Service {
  /** Adds the service's routes to its own Fastify instance. */
  routes(app: App): void | Promise<void>;
  consumers?: readonly ConsumerDefinition[];
  jobs?: readonly JobDefinition[];
  schedules?: readonly Schedule[];
  tools?: readonly Tool[];
  /** What `/ready` names besides database and broker. */
  dependencies?: Dependencies;
  /** Begins the work that goes on by itself. Not called when a process only inspects. */
  start?(): Promise<void>;
  /** Ends it; called before consumers and database are closed. */
  stop?(): Promise<void>;
}

/** What a service is made of. */
export interface ServiceParts<Settings extends TObject = TObject, Client = unknown> {
  /** What it declares to others; it may serve and consume nothing else. */
  contract: ServiceContract;
  settings: Settings;
  /** How its own error codes are answered. */
  statuses: Statuses;
  /** Bytes of the largest body it takes. */
  bodyLimit: number;
  /** The gateway lets callers in itself; every other service wants the gateway's token. */
  facesClients?: boolean;
  /** The services whose answers it cannot do without. */
  needs?: readonly ServiceName[];
  /** Its tables; absent for a service that has none. */
  store?: {
    migrations: string;
    /** On SQLite, the module that its procedures are done in; see `DatabaseOptions.thread`. */
    thread?: URL;
    /** Imports the generated Prisma client of each provider; called for the one in use, at the first use of Prisma. */
    clients?: Readonly<Record<Database['provider'], () => Promise<{ PrismaClient: unknown }>>>;
  };
  create(context: ServiceContext<Static<Settings>, Client>): Service | Promise<Service>;
  rewriteUrl?(url: string, vaultId: string): string;
}

/** A mounted service and its Fastify instance. */
export interface MountedApp {
  name: string;
  app: FastifyInstance;
}

/** What a service is: one definition, run alone or mounted with others. */
export interface ServiceDefinition<Settings extends TObject = TObject, Client = unknown>
  extends ServiceParts<Settings, Client> {
  name: string;
  /** The port it has when it runs alone. */
  port: number;
}

/** Makes a service's definition: its name and port are those of its contract. */
export function defineService<Settings extends TObject, Client = unknown>(
  parts: ServiceParts<Settings, Client>,
): ServiceDefinition<Settings, Client> {
  const { name, port } = parts.contract;
  return { ...parts, name, port };
}
