// Statements for what is written in bulk: one request may concern the lines of many notes.
import { type Database, listOf, listTable, rowInsert, type Sql } from '@weave-nn/database';

/** Which task a line is, in one content of a note: said before the content is written, so that whoever reads it first knows. */
export interface Pin {
  path: string;
  hash: string;
  /** From 1; below 0 when the task has no line in it any more. */
  line: number;
  taskId: string;
}

/** The pins of contents that are being written. */
export function createPinStore(database: Database, vaultId: string) {
  const list = listTable(database.provider);
  const contents = `SELECT value ->> 0, value ->> 1 FROM ${list}`;
  const insert = rowInsert(database.provider, {
    table: 'task_pin',
    columns: {
      vault_id: 'TEXT',
      path: 'TEXT',
      hash: 'TEXT',
      line: 'INTEGER',
      task_id: 'TEXT',
      created_at: 'BIGINT',
    },
    conflict:
      'ON CONFLICT (vault_id, path, hash, line) DO UPDATE SET task_id = excluded.task_id, created_at = excluded.created_at',
  });
  const keysOf = (notes: readonly Pick<Pin, 'path' | 'hash'>[]) => listOf(notes.map(({ path, hash }) => [path, hash]));

  return {
    add: (sql: Sql, pins: readonly Pin[], now: number) =>
      insert(
        sql,
        pins.map(({ path, hash, line, taskId }) => [vaultId, path, hash, line, taskId, now]),
      ),

    /** The pins of these contents. */
    async of(sql: Sql, notes: readonly Pick<Pin, 'path' | 'hash'>[]): Promise<Pin[]> {
      return sql.all<Pin>(
        `SELECT path, hash, line, task_id AS "taskId" FROM task_pin
         WHERE vault_id = ? AND (path, hash) IN (${contents}) ORDER BY path, line`,
        vaultId,
        keysOf(notes),
      );
    },

    async remove(sql: Sql, notes: readonly Pick<Pin, 'path' | 'hash'>[]): Promise<void> {
      await sql.run(
        `DELETE FROM task_pin WHERE vault_id = ? AND (path, hash) IN (${contents})`,
        vaultId,
        keysOf(notes),
      );
    },

    /** Forgets those of contents that were never seen. */
    async prune(sql: Sql, before: number): Promise<void> {
      await sql.run('DELETE FROM task_pin WHERE created_at < ?', before);
    },
  };
}

export type PinStore = ReturnType<typeof createPinStore>;
