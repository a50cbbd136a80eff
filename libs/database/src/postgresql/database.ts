import { PrismaPg } from '@prisma/adapter-pg';
import type pg from 'pg';
import type { Database, Sql } from '../database.ts';
import { DatabaseError, databaseClosed, readOnly } from '../errors.ts';
import type { DatabaseOptions } from '../options.ts';
import { createPrisma, handOver } from '../prisma.ts';
import { offerScripts, type RunScripts } from '../scripts.ts';
import { isRetryable, isStalePlan, postgresqlFailure } from './failures.ts';
import { type OpenPool, openPool } from './pool.ts';
import { createStatementBook, type StatementBook, statementsOver } from './statements.ts';

/** How often a transaction runs again after a serialization failure or a deadlock. */
const retries = 5;

/**
 * Opens a schema on a PostgreSQL server; a missing schema is created.
 *
 * @throws DatabaseError `database-unreachable` naming the server when it does not answer.
 */
export async function openPostgresql<Client>(url: string, options: DatabaseOptions): Promise<Database<Client>> {
  const { schema } = options;
  const opened = await openPool(url, options);
  const { pool, name } = opened;
  const book = createStatementBook();
  const prisma = createPrisma<Client>(
    'postgresql',
    options.loadClient,
    new PrismaPg(poolForPrisma(opened, book), schema === undefined ? {} : { schema }),
    (error) => postgresqlFailure(error, name),
  );
  let closing: Promise<void> | undefined;
  let running = 0;
  let whenIdle: (() => void) | undefined;

  /** Counts what is running, because `close` waits for it. */
  async function counted<Result>(work: () => Promise<Result>): Promise<Result> {
    if (closing) throw databaseClosed(name);
    running += 1;
    try {
      return await work();
    } finally {
      running -= 1;
      if (running === 0) whenIdle?.();
    }
  }

  async function closePool(): Promise<void> {
    if (running > 0) {
      await new Promise<void>((resolve) => {
        whenIdle = resolve;
      });
    }
    await prisma.disconnect();
    await pool.end();
  }

  const committed = statementsOver(pool, book, name);

  /** Reads again when a statement was prepared before the schema changed; the second time it is prepared anew. */
  function reading<Result>(work: () => Promise<Result>): Promise<Result> {
    return counted(() =>
      work().catch((error: unknown) => {
        if (error instanceof Error && isStalePlan(error.cause)) return work();
        throw error;
      }),
    );
  }

  const read: Sql = {
    all: (text, ...values) => reading(() => committed.all(text, ...values)),
    get: (text, ...values) => reading(() => committed.get(text, ...values)),
    async run() {
      throw closing ? databaseClosed(name) : readOnly();
    },
    async runEach() {
      throw closing ? databaseClosed(name) : readOnly();
    },
  };

  function transaction<Result>(work: (sql: Sql) => Promise<Result>): Promise<Result> {
    return counted(() => retried(() => inTransaction(opened, book, work)));
  }

  const database: Database<Client> = {
    provider: 'postgresql',
    read,
    transaction,
    perform: (procedure, argument) => transaction((sql) => procedure.run(sql, argument)),
    prismaTransaction: (work) => counted(() => retried(() => prisma.transaction(work))),
    prisma: () => counted(() => prisma.client()),
    async check() {
      await read.get('SELECT 1');
    },
    close() {
      closing ??= closePool();
      return closing;
    },
  };
  const runScripts: RunScripts = (work) =>
    counted(() =>
      inTransaction(opened, book, async (_sql, connection) => {
        // Waiting for another process to migrate is no reason to be cancelled.
        await connection.query('SET LOCAL statement_timeout = 0; SET LOCAL lock_timeout = 0');
        await connection.query(`SELECT pg_advisory_xact_lock(hashtext('migrate'), hashtext(current_schema()))`);
        return work({
          ...(schema === undefined ? {} : { schema }),
          query: async (text) => (await connection.query(text)).rows,
          script: async (text) => {
            await connection.query(text);
          },
        });
      }),
    );
  offerScripts(database, runScripts);
  return database;
}

async function retried<Result>(work: () => Promise<Result>): Promise<Result> {
  for (let tries = 0; ; tries += 1) {
    try {
      return await work();
    } catch (error) {
      if (tries === retries || !isRetryable(error)) throw error;
      // Whoever collided must not collide again at the same moment.
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 5 * 2 ** tries));
    }
  }
}

async function inTransaction<Result>(
  { pool, name }: OpenPool,
  book: StatementBook,
  work: (sql: Sql, connection: pg.PoolClient) => Promise<Result>,
): Promise<Result> {
  const connection = await connect(pool, name);
  const query = (text: string) =>
    connection.query(text).catch((error) => Promise.reject(postgresqlFailure(error, name)));
  let open = true;
  let failure: unknown;
  try {
    await query('BEGIN');
    const result = await work(
      statementsOver(connection, book, name, () => open),
      connection,
    );
    open = false;
    const { command } = await query('COMMIT');
    // PostgreSQL answers COMMIT with a rollback when a statement failed, even when `work` caught its error.
    if (command === 'COMMIT') return result;
    throw new DatabaseError('statement-failed', 'A statement of the transaction failed, so it was rolled back');
  } catch (error) {
    open = false;
    failure = error;
    throw postgresqlOnly(error, name);
  } finally {
    await release(connection, failure);
  }
}

async function connect(pool: pg.Pool, name: string): Promise<pg.PoolClient> {
  try {
    return await pool.connect();
  } catch (error) {
    throw postgresqlFailure(error, name);
  }
}

async function release(connection: pg.PoolClient, failure: unknown): Promise<void> {
  let broken = false;
  if (failure !== undefined) {
    await connection.query('ROLLBACK').catch(() => {
      broken = true;
    });
  }
  connection.release(broken);
}

/** What `work` throws of its own stays as it is; what the server said to it becomes typed. */
function postgresqlOnly(error: unknown, name: string): unknown {
  const fromServer = error instanceof Error && 'code' in error && ('severity' in error || 'syscall' in error);
  return fromServer ? postgresqlFailure(error, name) : error;
}

/**
 * The pool as Prisma's adapter sees it: it opens a transaction on a connection of `connect()`, which is where the
 * statements of the same transaction must run. The adapter insists on an instance of Pool.
 */
function poolForPrisma({ pool, name }: OpenPool, book: StatementBook): pg.Pool {
  async function connectForTransaction(): Promise<pg.PoolClient> {
    const connection = await pool.connect();
    let open = true;
    const giveBack = connection.release;
    connection.release = (failure) => {
      open = false;
      giveBack.call(connection, failure);
    };
    handOver(statementsOver(connection, book, name, () => open));
    return connection;
  }
  return Object.create(pool, {
    connect: {
      value: (callback?: Parameters<pg.Pool['connect']>[0]) =>
        callback ? pool.connect(callback) : connectForTransaction(),
    },
  });
}
