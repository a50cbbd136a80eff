import pg from 'pg';
import { DatabaseError } from '../errors.ts';
import { type DatabaseOptions, withoutPassword } from '../options.ts';
import { postgresqlFailure } from './failures.ts';
import { sqlValueTypes } from './values.ts';

/**
 * The part of a statement's time for which it waits for one lock: who holds it is to blame, so that what failed of it is
 * tried again without end, and a statement that is slow by itself is not.
 */
const LOCK_PART = 2 / 3;
/** How long a connection may take, which includes waiting for one of the pool to become free. */
const connectionMs = 30_000;

export interface OpenPool {
  pool: pg.Pool;
  /** The server and the schema, without a password, for errors. */
  name: string;
}

/**
 * Connects to a server and creates the schema when it is missing.
 *
 * @throws DatabaseError `database-unreachable` naming the server; `database-url-invalid` for a schema name with other signs than a-z, 0-9 and _.
 */
export async function openPool(url: string, options: DatabaseOptions): Promise<OpenPool> {
  const { schema, poolSize = 10, statementTimeoutMs = 30_000 } = options;
  if (schema !== undefined && !/^[a-z_][a-z0-9_]{0,62}$/.test(schema)) {
    throw new DatabaseError('database-url-invalid', `A schema is named with a-z, 0-9 and _, not ${schema}`);
  }
  const name = schema === undefined ? withoutPassword(url) : `${withoutPassword(url)} (schema ${schema})`;
  const pool = new pg.Pool({
    connectionString: url,
    max: poolSize,
    types: sqlValueTypes,
    keepAlive: true,
    connectionTimeoutMillis: connectionMs,
    statement_timeout: statementTimeoutMs,
    lock_timeout: Math.ceil(statementTimeoutMs * LOCK_PART),
    // What a process that hangs has locked is free after as long as a statement may take.
    idle_in_transaction_session_timeout: statementTimeoutMs,
    ...(schema === undefined ? {} : { options: `-c search_path=${schema}`, application_name: schema }),
  });
  // An idle connection that the server ended has left the pool already; the next statement opens another.
  pool.on('error', ignore);
  // One that it ends at any other moment, also while it is handed over, rejects the statement that runs or the next one.
  pool.on('connect', (connection) => connection.on('error', ignore));
  try {
    if (schema === undefined) await pool.query('SELECT 1');
    else await createSchema(pool, schema);
  } catch (error) {
    await pool.end();
    throw postgresqlFailure(error, name);
  }
  return { pool, name };
}

/** An event that nobody listens to would end the process. */
function ignore(): void {}

async function createSchema(pool: pg.Pool, schema: string): Promise<void> {
  const { rowCount } = await pool.query('SELECT 1 FROM pg_namespace WHERE nspname = $1', [schema]);
  if (rowCount) return;
  try {
    await pool.query(`CREATE SCHEMA IF NOT EXISTS ${schema}`);
  } catch (error) {
    // Two processes that create it at the same time: IF NOT EXISTS does not wait for the other one.
    const { code } = error as { code?: string };
    if (code !== '23505' && code !== '42P06') throw error;
  }
}
