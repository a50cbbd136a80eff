import { parentPort, workerData } from 'node:worker_threads';
import type { Procedure, Sql } from './database.ts';
import { openConnection } from './sqlite/connection.ts';
import { sqlOver } from './sqlite/connection-sql.ts';
import type { Instruction, Order, Outcome, ThreadData, Thrown } from './sqlite/thread-messages.ts';

/** How long another process may keep the file locked; nothing else waits in this thread meanwhile. */
const patienceMs = 5_000;

/** KiB of pages, negative as SQLite wants it: a large transaction writes what does not fit twice, and the thread ends soon. */
const CACHE = -16_384;

/** Bytes that the log may have before a commit copies it back: what several procedures change is then copied once. */
const LOGGED = 64 * 1024 * 1024;
/** Milliseconds without work after which the thread tidies up and copies the log back, so that nobody else has to. */
const REST = 200;

function thrownFrom(error: unknown): Thrown {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  return { message, stack, code: String(code), errcode: Number(errcode) };
}

/**
 * Makes this thread the one in which a SQLite database's procedures are done: called by the module that
 * `DatabaseOptions.thread` names, with all of them.
 *
 * @param tidy what can wait for a rest, one short step in a transaction of its own; answers whether there is more. It is
 *   left for the next rest when there is work again, and may never be called: the process can end first
 */
export function serveThread(procedures: readonly Procedure<never>[], tidy?: (sql: Sql) => Promise<boolean>): void {
  if (!parentPort) throw new TypeError('serveThread() is called by what openDatabase() starts as a thread');
  const port = parentPort;
  const { file } = workerData as ThreadData;
  const known = new Map(procedures.map((procedure) => [procedure.name, procedure as Procedure<unknown>]));
  const connection = openConnection(file, 'write', { logged: LOGGED });
  const { handle } = connection;
  handle.exec(`PRAGMA busy_timeout=${patienceMs}; PRAGMA cache_size=${CACHE}`);
  const sql = sqlOver(connection, (statement) => {
    // A full disk or an I/O error makes SQLite end the transaction; what follows must not run outside it.
    if (!handle.isTransaction) throw new Error('SQLite has ended the transaction');
    return statement();
  });

  async function inTransaction<Result>(work: () => Promise<Result>): Promise<Result> {
    handle.exec('BEGIN IMMEDIATE');
    try {
      const result = await work();
      handle.exec('COMMIT');
      return result;
    } catch (error) {
      if (handle.isTransaction) handle.exec('ROLLBACK');
      throw error;
    }
  }

  async function perform({ procedure, argument }: Order): Promise<void> {
    const found = known.get(procedure);
    if (!found) throw new TypeError(`the thread of ${file} has no procedure ${procedure}`);
    await inTransaction(() => found.run(sql, argument));
  }

  /** Copies the log back when all is tidy. What cannot be done now waits for the next rest. */
  async function rest(): Promise<void> {
    try {
      if (tidy && (await inTransaction(() => tidy(sql)))) restIn(0);
      else handle.exec('PRAGMA wal_checkpoint(PASSIVE)');
    } catch {
      // A file that is locked, or a full disk, of which whoever writes next is told.
    }
  }

  const given = new Map<number, Order>();
  let before: Promise<void> = Promise.resolve();
  let resting: NodeJS.Timeout | undefined;

  function restIn(milliseconds: number): void {
    resting = setTimeout(() => {
      before = before.then(rest);
    }, milliseconds);
  }

  async function begin(id: number): Promise<void> {
    const order = given.get(id);
    if (!order) throw new TypeError(`the thread of ${file} was not given order ${id}`);
    given.delete(id);
    const outcome: Outcome = await perform(order).then(() => undefined, thrownFrom);
    // What cannot be undone by asking is undone by SQLite when the connection goes: this ends the thread.
    if (handle.isTransaction) throw new Error(`${order.procedure} could not be undone: ${outcome?.message}`);
    port.postMessage(outcome);
    restIn(REST);
  }

  function end(): void {
    handle.close();
    port.close();
  }

  port.on('message', (instruction: Instruction) => {
    clearTimeout(resting);
    if (instruction === 'end') before = before.then(end);
    else if ('give' in instruction) given.set(instruction.give.id, instruction.give);
    else before = before.then(() => begin(instruction.begin));
  });
}
