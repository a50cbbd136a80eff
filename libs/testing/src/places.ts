import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { type ClientConstructor, type Database, type DatabaseOptions, migrate, openDatabase } from '@weave-nn/database';
import { temporaryFolder } from './folders.ts';

export type Provider = Database['provider'];

const postgresqlUrl = process.env.TEST_DATABASE_URL ?? 'postgresql://postgres@127.0.0.1:5432/test';

/** Both providers; PostgreSQL is left out where no server answers, except in CI. */
export const providers: { provider: Provider; answers: boolean }[] = [
  { provider: 'sqlite', answers: true },
  { provider: 'postgresql', answers: process.env.CI === 'true' || (await answers()) },
];

/** A service's database, migrated, for one test. */
export interface Place<Client = unknown> {
  database: Database<Client>;
  options: DatabaseOptions;
  /** A folder of its own. */
  folder: string;
  /** Goes to a version of its tables. */
  migrate(to: number | 'max'): Promise<void>;
  /** Opens the same database once more, as another process does. */
  open(): Promise<Database<Client>>;
  /** Closes and removes it. */
  remove(): Promise<void>;
}

/**
 * Makes a database and migrates it: a file on SQLite, a schema on PostgreSQL.
 *
 * @param migrations the folder with a folder of migrations for each provider
 * @param clients imports the generated Prisma client of each provider
 */
export async function createPlace<Client = unknown>(
  provider: Provider,
  migrations: string,
  clients?: Readonly<Record<Provider, () => Promise<{ PrismaClient: unknown }>>>,
): Promise<Place<Client>> {
  const folder = temporaryFolder('place');
  const schema = `test_${randomBytes(6).toString('hex')}`;
  const loadClient = async () => (await clients?.[provider]())?.PrismaClient as ClientConstructor;
  const options: DatabaseOptions = {
    ...(provider === 'sqlite'
      ? { url: `file:${join(folder.path, 'test.db')}` }
      : { url: postgresqlUrl, schema, poolSize: 5 }),
    ...(clients ? { loadClient } : {}),
  };
  const opened: Database<Client>[] = [];
  async function open() {
    const database = await openDatabase<Client>(options);
    opened.push(database);
    return database;
  }
  const database = await open();
  async function migrateTo(to: number | 'max') {
    await migrate(database, { folder: migrations, to });
  }
  await migrateTo('max');
  return {
    database,
    options,
    folder: folder.path,
    migrate: migrateTo,
    open,
    async remove() {
      await Promise.all(opened.map((each) => each.close()));
      folder.remove();
      if (provider === 'postgresql') await onServer(`DROP SCHEMA IF EXISTS ${schema} CASCADE`);
    },
  };
}

async function onServer(text: string): Promise<void> {
  const server = await openDatabase({ url: postgresqlUrl, poolSize: 1 });
  try {
    await server.transaction((sql) => sql.run(text));
  } finally {
    await server.close();
  }
}

async function answers(): Promise<boolean> {
  return onServer('SELECT 1').then(
    () => true,
    () => false,
  );
}
