import { type Database, type Migrated, migrate, openDatabase, pendingMigrations } from '@weave-nn/database';
import { messagingMigrations } from '@weave-nn/events';
import type { ServiceDefinition } from './definition.ts';
import { StartError } from './errors.ts';

export interface StoreOptions {
  dataDir: string;
  /** A URL of PostgreSQL; undefined for a SQLite file of its own. */
  databaseUrl: string | undefined;
  poolSize: number;
}

const messagingTables = { folder: messagingMigrations, table: 'schema_version_messaging' };

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
    ...(store.loadClient ? { loadClient: (provider) => store.loadClient?.(provider) as never } : {}),
  });
}

/** Brings a service's tables up to date: its own, and those of its events. */
export async function migrateStore(
  { store }: ServiceDefinition,
  database: Database,
): Promise<{ own: Migrated; messaging: Migrated }> {
  const own = await migrate(database, { folder: store?.migrations ?? '' });
  const messaging = await migrate(database, messagingTables);
  return { own, messaging };
}

/**
 * Makes sure of tables that somebody else brings up to date.
 *
 * @throws StartError `not-migrated` with the files that have not been run
 */
export async function requireMigrated({ name, store }: ServiceDefinition, database: Database): Promise<void> {
  const own = await pendingMigrations(database, { folder: store?.migrations ?? '' });
  const messaging = await pendingMigrations(database, messagingTables);
  const pending = [...own, ...messaging];
  if (pending.length === 0) return;
  throw new StartError(
    'not-migrated',
    `the tables of ${name} lack ${pending.join(', ')}; run this program with the argument migrate first, or set MIGRATE_ON_START=true`,
  );
}
