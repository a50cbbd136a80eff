// Statements for what is locked and written in bulk: one event may concern hundreds of notes.
import { type Database, listOf, listTable, membersOf, oneOfList, type Sql } from '@weave-nn/database';

/** Notes that are read at once when all are gone through; no more than are asked for at once of the file service. */
const PAGE = 500;

/** A note as it was last looked into. */
export interface SeenNote {
  path: string;
  /** Empty when there is no such note. */
  hash: string;
  sequence: number;
}

/** Which state of each note the tasks are of. */
export function createNoteStore(database: Database, vaultId: string) {
  const list = listTable(database.provider);
  const upsert = (updated: string) =>
    `INSERT INTO task_note (vault_id, path, hash, sequence)
     SELECT CAST(? AS TEXT), value ->> 0, value ->> 1, CAST(value ->> 2 AS BIGINT) FROM ${list} WHERE true
     ON CONFLICT (vault_id, path) DO UPDATE SET ${updated}`;
  const lock = `${upsert('sequence = task_note.sequence')} RETURNING path, hash, sequence`;
  const save = upsert('hash = excluded.hash, sequence = excluded.sequence');

  return {
    /**
     * Locks notes until the transaction ends, and answers what was seen of each, sequence -1 for one that is new. The row
     * must be written to be locked, also where there was none; sorted, so that replicas never wait in a circle.
     */
    async lock(sql: Sql, paths: readonly string[]): Promise<Map<string, SeenNote>> {
      const rows = [...new Set(paths)].sort().map((path) => [path, '', -1]);
      const seen = await sql.all<SeenNote>(lock, vaultId, listOf(rows));
      return new Map(seen.map((note) => [note.path, note]));
    },

    /** What was seen of notes; a note that is new is left out. */
    async seen(paths: readonly string[]): Promise<Map<string, SeenNote>> {
      const rows = await database.read.all<SeenNote>(
        `SELECT path, hash, sequence FROM task_note WHERE vault_id = ? AND path ${oneOfList(database.provider)}`,
        vaultId,
        membersOf(paths),
      );
      return new Map(rows.map((row) => [row.path, row]));
    },

    async save(sql: Sql, notes: readonly SeenNote[]): Promise<void> {
      if (notes.length === 0) return;
      await sql.run(save, vaultId, listOf(notes.map(({ path, hash, sequence }) => [path, hash, sequence])));
    },

    async count(): Promise<number> {
      const row = await database.read.get<{ total: number }>(
        `SELECT count(*) AS total FROM task_note WHERE vault_id = ? AND hash <> ''`,
        vaultId,
      );
      return row?.total ?? 0;
    },

    /** Every note that is there, as it was last seen, in the order of paths. */
    async *pages(): AsyncGenerator<SeenNote[]> {
      for (let cursor = ''; ; ) {
        const rows = await database.read.all<SeenNote>(
          `SELECT path, hash, sequence FROM task_note WHERE vault_id = ? AND path > ? AND hash <> ''
           ORDER BY path LIMIT ?`,
          vaultId,
          cursor,
          PAGE,
        );
        if (rows.length > 0) yield rows;
        if (rows.length < PAGE) return;
        cursor = rows.at(-1)?.path ?? cursor;
      }
    },
  };
}

export type NoteStore = ReturnType<typeof createNoteStore>;
