import { type Database, membersOf, oneOfList, rowInsert, type Sql } from '@weave-nn/database/sql';
import { CONSUMER } from '../consumers/names.ts';
import type { Gone } from '../domain/index-files.ts';
import type { IndexedNote } from '../domain/indexed-note.ts';
import { createEndStore, ENDS } from './ends.ts';
import { createLinkStore } from './links.ts';
import { partsOf } from './parts.ts';
import type { SearchStore } from './search-store.ts';
import { takeTurn } from './turn.ts';
import type { WrittenNote } from './written-note.ts';

/** Characters of notes that one statement carries. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

export interface KnownNote {
  id: number;
  hash: string;
  sequence: number;
}

/** Notes with their links and tags: what the index is made of. */
export function createNoteStore(database: Pick<Database, 'provider' | 'read'>, vaultId: string, search: SearchStore) {
  const listed = oneOfList(database.provider);
  const listedIds = oneOfList(database.provider, 'BIGINT');
  const links = createLinkStore(database.provider, vaultId);
  const ends = createEndStore(database.provider, vaultId);
  const insertNotes = rowInsert(database.provider, {
    table: 'note',
    columns: {
      vault_id: 'TEXT',
      path: 'TEXT',
      path_key: 'TEXT',
      link_key: 'TEXT',
      title: 'TEXT',
      is_note: 'INTEGER',
      hash: 'TEXT',
      sequence: 'BIGINT',
      size: 'BIGINT',
      mtime: 'TEXT',
      frontmatter: 'TEXT',
      content: 'TEXT',
      warning: 'TEXT',
      headings: 'TEXT',
    },
    conflict: `ON CONFLICT (vault_id, path) DO UPDATE SET title = excluded.title, is_note = excluded.is_note,
      hash = excluded.hash, sequence = excluded.sequence, size = excluded.size, mtime = excluded.mtime,
      frontmatter = excluded.frontmatter, content = excluded.content, warning = excluded.warning,
      headings = excluded.headings`,
  });
  const insertTags = rowInsert(database.provider, {
    table: 'tag',
    columns: { note_id: 'BIGINT', tag_key: 'TEXT', vault_id: 'TEXT', tag: 'TEXT' },
    conflict: 'ON CONFLICT (note_id, tag_key) DO NOTHING',
  });
  async function findAll(sql: Sql, paths: readonly string[]): Promise<Map<string, KnownNote & { link_key: string }>> {
    if (paths.length === 0) return new Map();
    const rows = await sql.all<KnownNote & { path: string; link_key: string }>(
      `SELECT id, path, link_key, hash, sequence FROM note
       WHERE vault_id = ? AND path ${listed}`,
      vaultId,
      membersOf(paths),
    );
    return new Map(rows.map((row) => [row.path, row]));
  }

  async function writeAll(sql: Sql, notes: readonly IndexedNote[]): Promise<void> {
    for (const part of partsOf(notes, MAX_CHARACTERS, ({ content }) => content?.length ?? 0)) {
      await insertNotes(
        sql,
        part.map((note) => [
          vaultId,
          note.path,
          note.pathKey,
          note.linkKey,
          note.title,
          note.isNote ? 1 : 0,
          note.hash,
          note.sequence,
          note.size,
          note.mtime,
          note.frontmatter,
          note.content,
          note.warning,
          note.headings,
        ]),
      );
    }
  }

  /** Removes all that hangs on notes, so that it can be written anew. */
  async function clearAll(sql: Sql, ids: readonly number[]): Promise<void> {
    if (ids.length === 0) return;
    const rows = membersOf(ids);
    for (const table of ['link', 'tag']) {
      await sql.run(`DELETE FROM ${table} WHERE note_id ${listedIds}`, rows);
    }
    await search.remove(sql, ids);
  }

  async function addTags(sql: Sql, written: readonly WrittenNote[]): Promise<void> {
    await insertTags(
      sql,
      written.flatMap(({ id, note }) => note.tags.map((tag) => [id, tag.toLowerCase(), vaultId, tag])),
    );
  }

  /** Removes notes that are gone; answers the keys that links named them with. */
  async function removeGone(
    sql: Sql,
    gone: readonly Gone[],
    known: ReadonlyMap<string, KnownNote & { link_key: string }>,
  ) {
    const removed = gone.flatMap(({ path, sequence }) => {
      const note = known.get(path);
      return note && note.sequence <= sequence ? [note] : [];
    });
    await clearAll(
      sql,
      removed.map(({ id }) => id),
    );
    if (removed.length > 0) {
      await sql.run(`DELETE FROM note WHERE id ${listedIds}`, membersOf(removed.map(({ id }) => id)));
    }
    return removed.map(({ link_key }) => link_key);
  }

  return {
    /**
     * Brings notes up to date, and the links of all others to those that came or went.
     *
     * @param present files as they are; one no newer than what is known is passed over
     * @param gone paths of files that are not there any more, with their sequences
     */
    async apply(sql: Sql, present: readonly IndexedNote[], gone: readonly Gone[]): Promise<void> {
      // Events of tasks come here as well; they need not wait for whose turn it is.
      if (present.length + gone.length === 0) return;
      await takeTurn(database.provider, sql, 'index', vaultId);
      const known = await findAll(
        sql,
        [...gone, ...present].map(({ path }) => path),
      );
      const lost = await removeGone(sql, gone, known);
      await ends.record(sql, gone);
      const unknown = present.filter(({ path }) => !known.has(path)).map(({ path }) => path);
      const ended = await ends.find(sql, unknown);
      const newer = present.filter(
        ({ path, sequence }) => (known.get(path)?.sequence ?? ended.get(path) ?? -1) < sequence,
      );
      await writeAll(sql, newer);
      const added = newer.filter(({ path }) => !known.has(path));
      const ids = await findAll(
        sql,
        added.map(({ path }) => path),
      );
      const written: WrittenNote[] = [];
      const replaced: number[] = [];
      for (const note of newer) {
        const before = known.get(note.path);
        const id = (before ?? ids.get(note.path))?.id;
        if (id === undefined || before?.hash === note.hash) continue;
        if (before) replaced.push(id);
        written.push({ id, note });
      }
      await clearAll(sql, replaced);
      await links.chooseAgain(sql, added, lost);
      await addTags(sql, written);
      await search.add(sql, written);
      await links.add(sql, written);
    },

    /** Empties the index. */
    async clear(sql: Sql): Promise<void> {
      await takeTurn(database.provider, sql, 'index', vaultId);
      await search.clear(sql);
      await ends.clear(sql);
      for (const table of ['link', 'tag', 'note']) {
        await sql.run(`DELETE FROM ${table} WHERE vault_id = ?`, vaultId);
      }
    },

    /** The newest sequence of a path that is applied: its note's, that of an event, or that of its end. */
    async appliedSequence(path: string): Promise<number> {
      const row = await database.read.get<{ sequence: number | null }>(
        `SELECT max(sequence) AS sequence FROM (
           SELECT sequence FROM note WHERE vault_id = ? AND path = ?
           UNION ALL
           SELECT sequence FROM subject_sequence WHERE consumer IN (?, '${ENDS}') AND source = ? AND subject = ?
         ) AS applied`,
        vaultId,
        path,
        CONSUMER,
        ends.source,
        path,
      );
      return row?.sequence ?? 0;
    },

    /** Of these paths, with their sequences, those whose state, or a newer one, is not applied yet. */
    async unapplied(expected: ReadonlyMap<string, number>): Promise<Set<string>> {
      const paths = membersOf([...expected.keys()]);
      const rows = await database.read.all<{ path: string; sequence: number }>(
        `SELECT path, sequence FROM note WHERE vault_id = ? AND path ${listed}
         UNION ALL
         SELECT subject, sequence FROM subject_sequence
         WHERE consumer IN (?, '${ENDS}') AND source = ? AND subject ${listed}`,
        vaultId,
        paths,
        CONSUMER,
        ends.source,
        paths,
      );
      const open = new Set(expected.keys());
      for (const { path, sequence } of rows) if (sequence >= (expected.get(path) ?? 0)) open.delete(path);
      return open;
    },

    async count(): Promise<number> {
      const row = await database.read.get<{ total: number }>(
        'SELECT count(*) AS total FROM note WHERE vault_id = ?',
        vaultId,
      );
      return row?.total ?? 0;
    },

    /** Path, hash and sequence of everything indexed. */
    async all(): Promise<Map<string, KnownNote>> {
      const rows = await database.read.all<KnownNote & { path: string }>(
        'SELECT id, path, hash, sequence FROM note WHERE vault_id = ?',
        vaultId,
      );
      return new Map(rows.map(({ path, ...known }) => [path, known]));
    },
  };
}

export type NoteStore = ReturnType<typeof createNoteStore>;
