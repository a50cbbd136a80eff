import { parentPort, workerData } from 'node:worker_threads';
import type { Sql } from './database.ts';
import type { Procedure } from './procedure.ts';
import { openConnection } from './sqlite/connection.ts';
import { sqlOver } from './sqlite/connection-sql.ts';
import type { Order, Outcome, ThreadData } from './sqlite/thread-messages.ts';

/** How long another process may keep the file locked; nothing else waits in this thread meanwhile. */
const patienceMs = 5_000;

/** KiB of pages, negative as SQLite wants it: a large transaction writes what does not fit twice, and the thread ends soon. */
const CACHE = -65_536;

function outcomeOf(error: unknown): Outcome {
  const { message, stack } = error instanceof Error ? error : new Error(String(error));
  const { code, errcode } = error as { code?: unknown; errcode?: unknown };
  return { thrown: { message, stack, code: String(code), errcode: Number(errcode) } };
}

/**
 * Makes this thread the one in which a SQLite database's large transactions run: called by the module that
 * `DatabaseOptions.thread` names, with the procedures that are performed in them.
 */
export function serveThread(procedures: readonly Procedure<never>[]): void {
  if (!parentPort) throw new TypeError('serveThread() is called by what openDatabase() starts as a thread');
  const port = parentPort;
  const { file } = workerData as ThreadData;
  const known = new Map(procedures.map((procedure) => [procedure.name, procedure as Procedure<unknown>]));
  const connection = openConnection(file, 'write');
  connection.handle.exec(`PRAGMA busy_timeout=${patienceMs}; PRAGMA cache_size=${CACHE}`);
  const sql = sqlOver(connection, (statement) => statement());

  async function carryOut(order: Order): Promise<unknown> {
    switch (order.kind) {
      case 'begin':
        return connection.handle.exec('BEGIN IMMEDIATE');
      case 'commit':
        return connection.handle.exec('COMMIT');
      case 'rollback':
        return connection.handle.isTransaction ? connection.handle.exec('ROLLBACK') : undefined;
      case 'perform':
        return perform(sql, order);
      case 'runEach':
        return inTransaction(() => sql.runEach(order.text, order.rows));
      default:
        return inTransaction<unknown>(() => sql[order.kind](order.text, ...order.values));
    }
  }

  /** A full disk or an I/O error makes SQLite end the transaction; what follows must not run outside it. */
  function inTransaction<Result>(work: () => Promise<Result>): Promise<Result> {
    if (!connection.handle.isTransaction) throw new Error('SQLite has ended the transaction');
    return work();
  }

  function perform(inside: Sql, { name, argument }: Extract<Order, { kind: 'perform' }>): Promise<void> {
    const procedure = known.get(name);
    if (!procedure) throw new TypeError(`the thread of ${file} has no procedure ${name}`);
    return inTransaction(() => procedure.run(inside, argument));
  }

  let before: Promise<void> = Promise.resolve();
  port.on('message', (order: Order | null) => {
    before = before.then(async () => {
      if (order === null) {
        connection.handle.close();
        port.close();
        return;
      }
      try {
        port.postMessage({ result: await carryOut(order) } satisfies Outcome);
      } catch (error) {
        port.postMessage(outcomeOf(error));
      }
    });
  });
}
