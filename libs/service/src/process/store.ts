import { backgroundMigrations } from '@weave-nn/background';
import {
  type ClientConstructor,
  type Database,
  type DatabaseOptions,
  migrate,
  openDatabase,
  pendingMigrations,
} from '@weave-nn/database';
import { messagingMigrations } from '@weave-nn/events';
import type { ServiceDefinition } from '../definition.ts';
import { StartError } from '../errors.ts';

export interface StoreOptions {
  dataDir: string;
  /** A URL of PostgreSQL; undefined for a SQLite file of its own. */
  databaseUrl: string | undefined;
  poolSize: number;
}

/** The tables of a service: its own, those of its events, and those of its jobs. */
function tablesOf({ store }: ServiceDefinition) {
  return [
    { folder: store?.migrations ?? '' },
    { folder: messagingMigrations, table: 'schema_version_messaging' },
    { folder: backgroundMigrations, table: 'schema_version_background' },
  ];
}

type Clients = NonNullable<NonNullable<ServiceDefinition['store']>['clients']>;

function loaderOf(clients: Clients): NonNullable<DatabaseOptions['loadClient']> {
  // The clients are generated, each with a type of its own.
  return async (provider) => (await clients[provider]()).PrismaClient as ClientConstructor;
}

/** Opens a service's own database; undefined for a service that has none. */
export async function openStore(definition: ServiceDefinition, options: StoreOptions): Promise<Database | undefined> {
  const { store, name } = definition;
  if (!store) return undefined;
  const { dataDir, databaseUrl, poolSize } = options;
  return openDatabase({
    ...(databaseUrl === undefined
      ? { url: `file:${dataDir}/${name}.db` }
      : { url: databaseUrl, schema: name.replaceAll('-', '_'), poolSize }),
    ...(store.thread ? { thread: store.thread } : {}),
    ...(store.clients ? { loadClient: loaderOf(store.clients) } : {}),
  });
}

/**
 * Brings a service's tables up to date.
 *
 * @returns the names of the files that were run, in their order
 */
export async function migrateStore(definition: ServiceDefinition, database: Database): Promise<string[]> {
  const applied: string[] = [];
  for (const tables of tablesOf(definition)) applied.push(...(await migrate(database, tables)).applied);
  return applied;
}

/**
 * Makes sure of tables that somebody else brings up to date.
 *
 * @throws StartError `not-migrated` with the files that have not been run
 */
export async function requireMigrated(definition: ServiceDefinition, database: Database): Promise<void> {
  const pending: string[] = [];
  for (const tables of tablesOf(definition)) pending.push(...(await pendingMigrations(database, tables)));
  if (pending.length === 0) return;
  throw new StartError(
    'not-migrated',
    `the tables of ${definition.name} lack ${pending.join(', ')}; run this program with the argument migrate first, or set MIGRATE_ON_START=true`,
  );
}
