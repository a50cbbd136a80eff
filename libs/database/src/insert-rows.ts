import type { Database, Sql, SqlValue } from './database.ts';
import { listOf, listTable } from './list-table.ts';

export interface RowInsert {
  table: string;
  /** The columns and their types, as PostgreSQL names them. */
  columns: Readonly<Record<string, 'TEXT' | 'INTEGER' | 'BIGINT'>>;
  /** What follows the values, as in `ON CONFLICT (id) DO NOTHING`. */
  conflict?: string;
}

/** Inserts rows, in their order, the quickest way that the database has. */
export type InsertRows = (
  sql: Sql,
  rows: readonly (readonly Exclude<SqlValue, Uint8Array | bigint>[])[],
) => Promise<void>;

/**
 * Makes what inserts many rows into a table. On PostgreSQL all are one statement, since each is a round trip; on
 * SQLite each is one, since reading them out of one list takes half as long again as binding them.
 */
export function rowInsert(provider: Database['provider'], { table, columns, conflict = '' }: RowInsert): InsertRows {
  const names = Object.keys(columns);
  const into = `INSERT INTO ${table} (${names.join(', ')})`;
  if (provider === 'sqlite') {
    const text = `${into} VALUES (${names.map(() => '?').join(', ')}) ${conflict}`;
    return (sql, rows) => sql.runEach(text, rows);
  }
  const values = Object.values(columns).map((type, index) => `CAST(value ->> ${index} AS ${type})`);
  const text = `${into} SELECT ${values.join(', ')} FROM ${listTable(provider)} WHERE true ${conflict}`;
  return async (sql, rows) => {
    if (rows.length > 0) await sql.run(text, listOf(rows));
  };
}
