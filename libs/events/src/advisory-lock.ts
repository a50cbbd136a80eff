import type { Database, Sql, TransactionOptions } from '@weave-nn/database';

/** How work that is done withAdvisoryLock uses the database. */
export interface LockedWork {
  /** What is committed. */
  read: Sql;
  /** Writes; on PostgreSQL it is committed with the rest of the work, and cannot be undone afterwards. */
  write<Result>(work: (sql: Sql) => Promise<Result>, options?: TransactionOptions): Promise<Result>;
}

/**
 * Does something that at most one process at a time is to do. On PostgreSQL a lock is tried for that ends with the
 * transaction which the work is done in, so that a process which dies lets go of it. SQLite has one process anyway;
 * there each write is a transaction of its own, since everybody else would wait for as long as the work takes.
 *
 * @param name what is done; the same name in another schema is something else
 * @returns what the work returns; undefined when another process is at it
 */
export async function withAdvisoryLock<Result>(
  database: Database,
  name: string,
  work: (exclusive: LockedWork) => Promise<Result>,
): Promise<Result | undefined> {
  if (database.provider === 'sqlite') return work({ read: database.read, write: database.transaction });
  return database.transaction(async (sql) => {
    const row = await sql.get<{ taken: boolean }>(
      `SELECT pg_try_advisory_xact_lock(hashtext(current_schema()), hashtext(CAST(? AS TEXT))) AS taken`,
      name,
    );
    return row?.taken ? work({ read: sql, write: (write) => write(sql) }) : undefined;
  });
}
