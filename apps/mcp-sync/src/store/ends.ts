import { type Database, listOf, listTable, membersOf, oneOfList, type Sql } from '@weave-nn/database/sql';
import type { Gone } from '../domain/index-files.ts';

/** Kept beside the sequences of the events, of which a path that a file was moved away from has none of its own. */
export const ENDS = 'mcp-sync-ends';

/**
 * The ends of paths that the index has applied, so that a state which was read before an end and comes to be applied
 * after it, by another replica, brings nothing back. Written only by whose turn it is at the index.
 */
export function createEndStore(provider: Database['provider'], vaultId: string) {
  const list = listTable(provider);
  const source = `/${vaultId}/file`;
  const raise = `INSERT INTO subject_sequence (consumer, source, subject, sequence)
    SELECT '${ENDS}', CAST(? AS TEXT), value ->> 0, CAST(value ->> 1 AS BIGINT) FROM ${list} WHERE true
    ON CONFLICT (consumer, source, subject) DO UPDATE SET sequence = excluded.sequence
      WHERE excluded.sequence > subject_sequence.sequence`;

  return {
    /** The source under which they are kept. */
    source,

    async record(sql: Sql, gone: readonly Gone[]): Promise<void> {
      const newest = new Map<string, number>();
      for (const { path, sequence } of gone) newest.set(path, Math.max(sequence, newest.get(path) ?? 0));
      if (newest.size > 0) await sql.run(raise, source, listOf([...newest]));
    },

    /** The ends of those paths that had one. */
    async find(sql: Sql, paths: readonly string[]): Promise<Map<string, number>> {
      if (paths.length === 0) return new Map();
      const rows = await sql.all<{ subject: string; sequence: number }>(
        `SELECT subject, sequence FROM subject_sequence WHERE consumer = '${ENDS}' AND source = ?
         AND subject ${oneOfList(provider)}`,
        source,
        membersOf(paths),
      );
      return new Map(rows.map(({ subject, sequence }) => [subject, sequence]));
    },

    /** Forgets all of them, when the index is made anew from the files. */
    async clear(sql: Sql): Promise<void> {
      await sql.run(`DELETE FROM subject_sequence WHERE consumer = '${ENDS}' AND source = ?`, source);
    },
  };
}
