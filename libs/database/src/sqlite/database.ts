import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { makePrivateDatabase, makePrivateFolder } from '@weave-nn/config';
import type { Database, Sql, TransactionOptions } from '../database.ts';
import { DatabaseError, databaseClosed, messageOf, readOnly } from '../errors.ts';
import type { DatabaseOptions } from '../options.ts';
import { createPrisma } from '../prisma.ts';
import { offerScripts, type RunScripts } from '../scripts.ts';
import { createSqliteAdapter } from './adapter.ts';
import { type Connection, LARGE_PAGE, openConnection } from './connection.ts';
import { sqlOver } from './connection-sql.ts';
import { isBusy, sqliteFailure } from './failures.ts';
import { createThread } from './thread-client.ts';
import { createWriter, type Writer } from './writer.ts';

/**
 * Opens a SQLite file with one connection that writes and one that reads; a missing file and folder are created.
 *
 * @throws DatabaseError naming the file when it is damaged, no database, not writable or its disk is full.
 */
export function openSqlite<Client>(file: string, options: DatabaseOptions): Database<Client> {
  const isNew = !existsSync(file);
  const { writer, reader } = openConnections(file, options.thread ? LARGE_PAGE : undefined);
  const thread = options.thread && createThread(file, options.thread);
  // What is new is filled next; a thread takes as long to start as a process.
  if (isNew) thread?.start();
  let closing: Promise<void> | undefined;
  let closed = false;
  const prisma = createPrisma<Client>(
    'sqlite',
    options.loadClient,
    createSqliteAdapter(writer, reader, () => closed, file),
    // A file loses no connection but by being closed.
    (error) =>
      (error as NodeJS.ErrnoException).code === 'ECONNRESET' ? databaseClosed(file) : sqliteFailure(error, file),
  );

  function requireOpen(): void {
    if (closing) throw databaseClosed(file);
  }

  async function transaction<Result>(
    work: (sql: Sql) => Promise<Result>,
    { mayBeUndone = false }: TransactionOptions = {},
  ): Promise<Result> {
    requireOpen();
    const opened = await writer.begin(mayBeUndone).catch(failWith(file));
    let result: Result;
    try {
      result = await work(opened.sql);
    } catch (error) {
      opened.rollback();
      throw error;
    }
    try {
      opened.commit();
    } catch (error) {
      throw sqliteFailure(error, file);
    }
    return result;
  }

  const committed = sqlOver(reader, (statement) => {
    requireOpen();
    try {
      return statement();
    } catch (error) {
      throw sqliteFailure(error, file);
    }
  });
  async function refuseWriting(): Promise<never> {
    requireOpen();
    throw readOnly();
  }
  const read: Sql = { ...committed, run: refuseWriting, runEach: refuseWriting };

  async function closeConnections(): Promise<void> {
    await prisma.disconnect();
    await writer.alone(async () => {
      closed = true;
      await thread?.close();
      // The writer last: the last connection to close writes the log back into the file.
      reader.handle.close();
      writer.connection.handle.close();
    });
  }

  const database: Database<Client> = {
    provider: 'sqlite',
    read,
    transaction,
    async perform(procedure, argument) {
      requireOpen();
      if (thread) return writer.alone(thread.prepare(procedure, argument));
      return transaction((sql) => procedure.run(sql, argument));
    },
    async prismaTransaction(work) {
      requireOpen();
      return prisma.transaction(work);
    },
    async prisma() {
      requireOpen();
      return prisma.client();
    },
    async check() {
      await read.get('SELECT 1');
    },
    close() {
      closing ??= closeConnections();
      return closing;
    },
  };
  offerScripts(database, scriptsOver(writer, requireOpen, file));
  return database;
}

function openConnections(file: string, page: number | undefined): { writer: Writer; reader: Connection } {
  try {
    makePrivateFolder(dirname(file));
  } catch (error) {
    throw new DatabaseError('database-unreachable', `The folder of ${file} cannot be created: ${messageOf(error)}`, {
      cause: error,
    });
  }
  let connection: Connection | undefined;
  try {
    makePrivateDatabase(file);
    connection = openConnection(file, 'write', { page });
    const reader = openConnection(file, 'read', { schema: connection.schema });
    return { writer: createWriter(connection, file), reader };
  } catch (error) {
    connection?.handle.close();
    throw sqliteFailure(error, file);
  }
}

function failWith(file: string): (error: unknown) => never {
  return (error) => {
    throw sqliteFailure(error, file);
  };
}

function scriptsOver(writer: Writer, requireOpen: () => void, file: string): RunScripts {
  const { handle } = writer.connection;
  return async (work) => {
    requireOpen();
    const run = writer.alone(async () => {
      // Rebuilding a table that others refer to would delete their rows (https://www.sqlite.org/lang_altertable.html#otheralter).
      handle.exec('PRAGMA foreign_keys=OFF');
      try {
        handle.exec('BEGIN IMMEDIATE');
        let changed = false;
        const result = await work({
          query: async (text) => handle.prepare(text).all(),
          script: async (text) => {
            changed = true;
            handle.exec(text);
          },
        });
        if (changed) requireForeignKeys(writer.connection);
        handle.exec('COMMIT');
        return result;
      } catch (error) {
        if (handle.isTransaction) handle.exec('ROLLBACK');
        throw isBusy(error) ? error : sqliteFailure(error, file);
      } finally {
        handle.exec('PRAGMA foreign_keys=ON');
        writer.connection.schema.changes += 1;
      }
    });
    return run.catch(failWith(file));
  };
}

function requireForeignKeys({ handle }: Connection): void {
  const broken = handle.prepare('SELECT "table" AS name, rowid AS row FROM pragma_foreign_key_check LIMIT 1').get();
  if (!broken) return;
  const { name, row } = broken;
  throw new DatabaseError(
    'migration-failed',
    `After the migration row ${row} of ${name} refers to a row that does not exist`,
  );
}
