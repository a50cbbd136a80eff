import { basename, join } from 'node:path';
import Postgrator from 'postgrator';
import type { Database } from './database.ts';
import { DatabaseError, messageOf } from './errors.ts';
import { openDatabase } from './open.ts';
import type { DatabaseOptions } from './options.ts';
import { type ScriptConnection, scriptsOf } from './scripts.ts';

export interface MigrationOptions {
  /** Holds `sqlite/` and `postgresql/` with `NNN.do.<name>.sql` and `NNN.undo.<name>.sql`. */
  folder: string;
  /** The table that keeps the version; each set of migrations in one database has its own. `schema_version` unless told. */
  table?: string;
  /** The version to reach, upwards or downwards; the highest there is unless told. */
  to?: number | 'max';
}

export interface Migrated {
  from: number;
  to: number;
  /** The names of the files that were run, in their order. */
  applied: string[];
}

/**
 * Brings a database to a version, all or nothing: the run is one transaction, and processes that start together run one after another.
 *
 * @throws DatabaseError `migration-failed` naming the file and the database's words, `migration-changed` when a file that has
 * run was edited, `migration-missing` when a file that is needed is not there, `migration-newer` when the database is ahead of the files.
 */
export async function migrate(
  target: Database<unknown> | DatabaseOptions,
  options: MigrationOptions,
): Promise<Migrated> {
  if (!('transaction' in target)) {
    const database = await openDatabase(target);
    try {
      return await migrate(database, options);
    } finally {
      await database.close();
    }
  }
  const runScripts = scriptsOf(target);
  if (!runScripts) throw new TypeError('migrate() takes what openDatabase() returned');
  return runScripts((connection) => migrateOver(connection, target.provider, options));
}

/**
 * The names of the files that a database still lacks; none when it is ahead of them, as it is for an old release while a
 * new one is rolled out.
 */
export async function pendingMigrations(
  target: Database<unknown>,
  options: Omit<MigrationOptions, 'to'>,
): Promise<string[]> {
  const runScripts = scriptsOf(target);
  if (!runScripts) throw new TypeError('pendingMigrations() takes what openDatabase() returned');
  return runScripts(async (connection) => {
    const postgrator = createPostgrator(connection, target.provider, options);
    const files = await postgrator.getMigrations();
    const version = await postgrator.getDatabaseVersion();
    const pending = files.filter((file) => file.action === 'do' && file.version > version);
    return pending.sort((a, b) => a.version - b.version).map((file) => basename(file.filename));
  });
}

function createPostgrator(
  connection: ScriptConnection,
  provider: Database['provider'],
  { folder, table = 'schema_version' }: MigrationOptions,
): Postgrator {
  return new Postgrator({
    driver: provider === 'sqlite' ? 'sqlite3' : 'pg',
    ...(connection.schema === undefined ? {} : { currentSchema: connection.schema }),
    schemaTable: table,
    migrationPattern: `${escapeGlob(join(folder, provider))}/*.sql`,
    newline: 'LF',
    execQuery: async (text) => ({ rows: await connection.query(text) }),
    execSqlScript: (text) => connection.script(text),
  });
}

async function migrateOver(
  connection: ScriptConnection,
  provider: Database['provider'],
  options: MigrationOptions,
): Promise<Migrated> {
  const { folder, table = 'schema_version', to = 'max' } = options;
  const postgrator = createPostgrator(connection, provider, options);
  const files = await postgrator.getMigrations();
  // It would look for them once more, which takes as long as making the tables.
  postgrator.getMigrations = async () => files;
  const from = await postgrator.getDatabaseVersion();
  const highest = files.reduce(
    (version, file) => (file.action === 'do' ? Math.max(version, file.version) : version),
    0,
  );
  const goal = to === 'max' ? highest : to;
  if (from > highest) {
    throw new DatabaseError(
      'migration-newer',
      `The database is at version ${from} of ${table}, but ${folder} ends at ${highest}; run the release that migrated it`,
    );
  }
  requireFiles(files, folder, from, goal);

  let running: string | undefined;
  postgrator.on('validation-started', (file) => {
    running = basename(file.filename);
  });
  postgrator.on('migration-started', (file) => {
    running = basename(file.filename);
  });
  try {
    const applied = await postgrator.migrate(String(goal));
    return { from, to: goal, applied: applied.map((file) => basename(file.filename)) };
  } catch (error) {
    const message = messageOf(error);
    if (message.startsWith('MD5 checksum failed')) {
      throw new DatabaseError(
        'migration-changed',
        `${running} was edited after it ran; restore it and put the change into a new migration`,
        { cause: error },
      );
    }
    throw new DatabaseError('migration-failed', `${running ?? table}: ${message}`, { cause: error });
  }
}

/** Postgrator passes over a version that has no file; going through with a gap would record a version that was never reached. */
function requireFiles(files: Postgrator.Migration[], folder: string, from: number, goal: number): void {
  const action = goal >= from ? 'do' : 'undo';
  const present = new Set(files.filter((file) => file.action === action).map((file) => file.version));
  for (let version = Math.min(from, goal) + 1; version <= Math.max(from, goal); version += 1) {
    if (present.has(version)) continue;
    throw new DatabaseError('migration-missing', `${folder} has no ${action} file for version ${version}`);
  }
}

/** Folder names may hold what a glob pattern means something by. */
function escapeGlob(folder: string): string {
  return folder.replaceAll(/[?*()[\]{}!]/g, String.raw`\$&`);
}
