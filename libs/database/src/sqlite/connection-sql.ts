import type { Sql, SqlValue } from '../database.ts';
import type { Connection } from './connection.ts';

/**
 * Statements on one connection.
 *
 * @param guarded runs a statement when it may be run, and turns what it throws into what the caller is to see
 */
export function sqlOver(connection: Connection, guarded: <Result>(statement: () => Result) => Result): Sql {
  const sql: Sql = {
    async all<Row extends object>(text: string, ...values: SqlValue[]): Promise<Row[]> {
      return guarded(() => connection.all(text, values) as Row[]);
    },
    async get<Row extends object>(text: string, ...values: SqlValue[]): Promise<Row | undefined> {
      return guarded(() => connection.get(text, values) as Row | undefined);
    },
    async run(text, ...values) {
      return guarded(() => connection.run(text, values));
    },
    async runEach(text, rows) {
      guarded(() => connection.runEach(text, rows));
    },
  };
  return sql;
}
