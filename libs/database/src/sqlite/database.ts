import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import type { Database, Sql, SqlValue } from '../database.ts';
import {
  clientNotConfigured,
  DatabaseError,
  databaseClosed,
  messageOf,
  readOnly,
  transactionClosed,
} from '../errors.ts';
import type { DatabaseOptions } from '../options.ts';
import { offerScripts, type RunScripts } from '../scripts.ts';
import { type Connection, openConnection } from './connection.ts';
import { sqliteFailure } from './failures.ts';
import { createTurns } from './turns.ts';

/** The open transaction on the writer. */
export interface WriterTransaction {
  readonly sql: Sql;
  commit(): void;
  rollback(): void;
}

/**
 * Opens a SQLite file with one connection that writes and one that reads; a missing file and folder are created.
 *
 * @throws DatabaseError naming the file when it is damaged, no database, not writable or its disk is full.
 */
export function openSqlite<Client>(file: string, _options: DatabaseOptions<Client>): Database<Client> {
  const { writer, reader } = openConnections(file);
  const turns = createTurns();
  let closing: Promise<void> | undefined;

  const begin = writer.handle.prepare('BEGIN IMMEDIATE');
  const commit = writer.handle.prepare('COMMIT');

  /** Begins a transaction in a turn that has been taken; a failure leaves the turn taken. */
  function beginTransaction(): WriterTransaction {
    begin.run();
    let open = true;
    const rollback = (): void => {
      open = false;
      if (writer.handle.isTransaction) writer.handle.exec('ROLLBACK');
    };
    const failure = (error: unknown): unknown => {
      // A full disk or an I/O error ends the transaction on its own; what follows must not run outside it.
      if (!writer.handle.isTransaction) open = false;
      return sqliteFailure(error, file);
    };
    return {
      sql: {
        async all<Row extends object>(text: string, ...values: SqlValue[]): Promise<Row[]> {
          if (!open) throw transactionClosed();
          try {
            return writer.all(text, values) as Row[];
          } catch (error) {
            throw failure(error);
          }
        },
        async get<Row extends object>(text: string, ...values: SqlValue[]): Promise<Row | undefined> {
          if (!open) throw transactionClosed();
          try {
            return writer.get(text, values) as Row | undefined;
          } catch (error) {
            throw failure(error);
          }
        },
        async run(text, ...values) {
          if (!open) throw transactionClosed();
          try {
            return writer.run(text, values);
          } catch (error) {
            throw failure(error);
          }
        },
      },
      commit() {
        open = false;
        try {
          commit.run();
        } catch (error) {
          rollback();
          throw error;
        }
      },
      rollback,
    };
  }

  async function transaction<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result> {
    if (closing) throw databaseClosed(file);
    const turn = turns.take();
    if (turn) await turn;
    try {
      const opened = beginOrFail();
      let result: Result;
      try {
        result = await work(opened.sql);
      } catch (error) {
        opened.rollback();
        throw error;
      }
      commitOrFail(opened);
      return result;
    } finally {
      turns.end();
    }
  }

  function beginOrFail(): WriterTransaction {
    try {
      return beginTransaction();
    } catch (error) {
      throw sqliteFailure(error, file);
    }
  }

  function commitOrFail(opened: WriterTransaction): void {
    try {
      opened.commit();
    } catch (error) {
      throw sqliteFailure(error, file);
    }
  }

  const runScripts: RunScripts = async (work) => {
    if (closing) throw databaseClosed(file);
    const turn = turns.take();
    if (turn) await turn;
    try {
      // Rebuilding a table that others refer to would delete their rows (https://www.sqlite.org/lang_altertable.html#otheralter).
      writer.handle.exec('PRAGMA foreign_keys=OFF');
      const opened = beginOrFail();
      try {
        let changed = false;
        const result = await work({
          query: async (text) => writer.handle.prepare(text).all(),
          script: async (text) => {
            changed = true;
            writer.handle.exec(text);
          },
        });
        if (changed) checkForeignKeys(writer);
        commitOrFail(opened);
        return result;
      } catch (error) {
        opened.rollback();
        throw error;
      }
    } finally {
      writer.handle.exec('PRAGMA foreign_keys=ON');
      turns.end();
    }
  };

  const read: Sql = {
    async all<Row extends object>(text: string, ...values: SqlValue[]): Promise<Row[]> {
      if (closing) throw databaseClosed(file);
      try {
        return reader.all(text, values) as Row[];
      } catch (error) {
        throw sqliteFailure(error, file);
      }
    },
    async get<Row extends object>(text: string, ...values: SqlValue[]): Promise<Row | undefined> {
      if (closing) throw databaseClosed(file);
      try {
        return reader.get(text, values) as Row | undefined;
      } catch (error) {
        throw sqliteFailure(error, file);
      }
    },
    async run() {
      throw closing ? databaseClosed(file) : readOnly();
    },
  };

  async function closeConnections(): Promise<void> {
    const turn = turns.take();
    if (turn) await turn;
    // The writer last: the last connection to close writes the log back into the file.
    reader.handle.close();
    writer.handle.close();
    turns.end();
  }

  const database: Database<Client> = {
    provider: 'sqlite',
    read,
    transaction,
    async prismaTransaction() {
      throw clientNotConfigured();
    },
    async prisma() {
      throw clientNotConfigured();
    },
    async check() {
      await read.get('SELECT 1');
    },
    close() {
      closing ??= closeConnections();
      return closing;
    },
  };
  offerScripts(database, runScripts);
  return database;
}

function openConnections(file: string): { writer: Connection; reader: Connection } {
  try {
    mkdirSync(dirname(file), { recursive: true });
  } catch (error) {
    throw new DatabaseError('database-unreachable', `The folder of ${file} cannot be created: ${messageOf(error)}`, {
      cause: error,
    });
  }
  let writer: Connection | undefined;
  try {
    writer = openConnection(file, 'write');
    return { writer, reader: openConnection(file, 'read') };
  } catch (error) {
    writer?.handle.close();
    throw sqliteFailure(error, file);
  }
}

function checkForeignKeys(writer: Connection): void {
  const broken = writer.handle
    .prepare('SELECT "table" AS name, rowid AS row FROM pragma_foreign_key_check LIMIT 1')
    .get();
  if (!broken) return;
  const { name, row } = broken;
  throw new Error(`row ${row} of ${name} refers to a row that does not exist`);
}
