import type { Sql } from '../database.ts';
import { transactionClosed } from '../errors.ts';
import type { Connection } from './connection.ts';
import { sqlOver } from './connection-sql.ts';
import { isBusy, sqliteFailure } from './failures.ts';
import { createTurns } from './turns.ts';

/** How long another process may keep the file locked. */
const patienceMs = 5_000;

/** An open transaction. Whoever began it must end it; until then nothing else runs on the writer. */
export interface WriterTransaction {
  /** The statements inside it; they reject once it has ended. */
  readonly sql: Sql;
  /** False once it has ended, be it by SQLite itself. */
  isOpen(): boolean;
  /** Puts it on disk and gives the turn to the next; rolls back and throws what SQLite says when that cannot be. */
  commit(): void;
  /** Undoes it and gives the turn to the next. Does nothing when it has ended. */
  rollback(): void;
}

/** The connection that writes, used by one at a time, first come, first served. */
export interface Writer {
  readonly connection: Connection;
  /**
   * Waits for its turn and begins a transaction.
   *
   * @param mayBeUndone by a loss of power: its commit does not wait for the disk
   */
  begin(mayBeUndone?: boolean): Promise<WriterTransaction>;
  /** Waits for its turn and runs `work` with nothing else on the connection; again when another process has the lock. */
  alone<Result>(work: () => Result | Promise<Result>): Promise<Result>;
}

/** Puts turns round a connection; `file` is its name in errors. */
export function createWriter(connection: Connection, file: string): Writer {
  const turns = createTurns();
  const { handle } = connection;
  const beginStatement = handle.prepare('BEGIN IMMEDIATE');
  const commitStatement = handle.prepare('COMMIT');
  let waits = true;

  /** Has commits wait for the disk or not; in between, SQLite does not let that be changed. */
  function wait(forDisk: boolean): void {
    if (waits === forDisk) return;
    handle.exec(`PRAGMA synchronous=${forDisk ? 'FULL' : 'NORMAL'}`);
    waits = forDisk;
  }

  async function begin(mayBeUndone = false): Promise<WriterTransaction> {
    const turn = turns.take();
    if (turn) await turn;
    try {
      wait(!mayBeUndone);
      beginStatement.run();
    } catch (error) {
      try {
        if (!isBusy(error)) throw error;
        await retryWhileBusy(() => beginStatement.run());
      } catch (failure) {
        turns.end();
        throw failure;
      }
    }
    return open();
  }

  function open(): WriterTransaction {
    let ended = false;
    let broken = false;

    function end(statement: () => void): void {
      ended = true;
      try {
        statement();
      } finally {
        turns.end();
      }
    }

    function failure(error: unknown): unknown {
      // A full disk or an I/O error makes SQLite end the transaction; what follows must not run outside it.
      if (!handle.isTransaction) broken = true;
      return sqliteFailure(error, file);
    }

    return {
      sql: sqlOver(connection, (statement) => {
        if (ended || broken) throw transactionClosed();
        try {
          return statement();
        } catch (error) {
          throw failure(error);
        }
      }),
      isOpen: () => !ended && handle.isTransaction,
      commit() {
        if (ended) throw transactionClosed();
        end(() => {
          try {
            commitStatement.run();
          } catch (error) {
            if (handle.isTransaction) handle.exec('ROLLBACK');
            throw error;
          }
        });
      },
      rollback() {
        if (ended) return;
        end(() => {
          if (handle.isTransaction) handle.exec('ROLLBACK');
        });
      },
    };
  }

  return {
    connection,
    begin,
    async alone(work) {
      const turn = turns.take();
      if (turn) await turn;
      try {
        wait(true);
        return await retryWhileBusy(work);
      } finally {
        turns.end();
      }
    },
  };
}

/** SQLite's own waiting stops the whole process, and for ever when the lock is held by another connection of it. */
async function retryWhileBusy<Result>(work: () => Result | Promise<Result>): Promise<Result> {
  const deadline = performance.now() + patienceMs;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      if (!isBusy(error) || performance.now() > deadline) throw error;
      await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * 10));
    }
  }
}
