import type { Database, Sql } from '@weave-nn/database';
import { resolveLink } from '@weave-nn/vault';
import type { IndexedNote } from '../domain/indexed-note.ts';
import type { SearchStore } from './search.ts';

interface KnownNote {
  id: number;
  hash: string;
  sequence: number;
}

/** Link targets found in one transaction: candidates are asked for once a key. */
function createTargets(sql: Sql, vaultId: string) {
  const known = new Map<string, string[]>();
  return async (link: string, key: string, source: string): Promise<string | null> => {
    let candidates = known.get(key);
    if (!candidates) {
      const rows = await sql.all<{ path: string }>(
        'SELECT path FROM note WHERE vault_id = ? AND link_key = ?',
        vaultId,
        key,
      );
      candidates = rows.map(({ path }) => path);
      known.set(key, candidates);
    }
    return resolveLink(link, source, candidates);
  };
}

/** Notes with their links, tags and headings: what the index is made of. */
export function createNoteStore(database: Database, vaultId: string, search: SearchStore) {
  async function find(sql: Sql, path: string): Promise<KnownNote | undefined> {
    return sql.get<KnownNote>('SELECT id, hash, sequence FROM note WHERE vault_id = ? AND path = ?', vaultId, path);
  }

  async function clear(sql: Sql, id: number) {
    await sql.run('DELETE FROM link WHERE note_id = ?', id);
    await sql.run('DELETE FROM tag WHERE note_id = ?', id);
    await sql.run('DELETE FROM heading WHERE note_id = ?', id);
    await search.remove(sql, id);
  }

  async function write(sql: Sql, note: IndexedNote, known: KnownNote | undefined): Promise<number> {
    const row = await sql.get<{ id: number }>(
      `INSERT INTO note (vault_id, path, link_key, title, is_note, hash, sequence, size, mtime, frontmatter, content, warning)
       VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)
       ON CONFLICT (vault_id, path) DO UPDATE SET title = excluded.title, is_note = excluded.is_note,
         hash = excluded.hash, sequence = excluded.sequence, size = excluded.size, mtime = excluded.mtime,
         frontmatter = excluded.frontmatter, content = excluded.content, warning = excluded.warning
       RETURNING id`,
      vaultId,
      note.path,
      note.linkKey,
      note.title,
      note.isNote ? 1 : 0,
      note.hash,
      note.sequence,
      note.size,
      note.mtime,
      JSON.stringify(note.frontmatter),
      note.content,
      note.warning,
    );
    const id = row?.id ?? 0;
    if (known?.hash === note.hash) return id;
    if (known) await clear(sql, id);
    for (const tag of note.tags) {
      await sql.run(
        'INSERT INTO tag (note_id, tag_key, tag) VALUES (?, ?, ?) ON CONFLICT (note_id, tag_key) DO NOTHING',
        id,
        tag.toLowerCase(),
        tag,
      );
    }
    for (const [ordinal, { level, text, line }] of note.headings.entries()) {
      await sql.run(
        'INSERT INTO heading (note_id, ordinal, level, text, line) VALUES (?, ?, ?, ?, ?)',
        id,
        ordinal,
        level,
        text,
        line,
      );
    }
    await search.add(sql, id, note);
    return id;
  }

  return {
    find: (path: string) => find(database.read, path),

    /**
     * Brings notes up to date, and the links of all others to those that came or went.
     *
     * @param present files as they are; one no newer than what is known is passed over
     * @param gone paths of files that are not there any more, with their sequences
     */
    async apply(
      sql: Sql,
      present: readonly IndexedNote[],
      gone: readonly { path: string; sequence: number }[],
    ): Promise<void> {
      const changedKeys = new Set<string>();
      const written: { id: number; note: IndexedNote }[] = [];
      for (const { path, sequence } of gone) {
        const known = await find(sql, path);
        if (!known || known.sequence > sequence) continue;
        const row = await sql.get<{ link_key: string }>('SELECT link_key FROM note WHERE id = ?', known.id);
        await clear(sql, known.id);
        await sql.run('DELETE FROM note WHERE id = ?', known.id);
        changedKeys.add(row?.link_key ?? '');
      }
      for (const note of present) {
        const known = await find(sql, note.path);
        if (known && known.sequence >= note.sequence) continue;
        const id = await write(sql, note, known);
        if (!known) changedKeys.add(note.linkKey);
        if (known?.hash !== note.hash) written.push({ id, note });
      }
      const target = createTargets(sql, vaultId);
      for (const { id, note } of written) {
        for (const [ordinal, link] of note.links.entries()) {
          await sql.run(
            `INSERT INTO link (note_id, ordinal, link, link_key, subpath, alias, embed, line, target_path)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
            id,
            ordinal,
            link.link,
            link.linkKey,
            link.subpath,
            link.alias,
            link.embed ? 1 : 0,
            link.line,
            await target(link.link, link.linkKey, note.path),
          );
        }
      }
      await this.resolveAgain(sql, changedKeys);
    },

    /** Resolves links anew whose name has got or lost a file. */
    async resolveAgain(sql: Sql, keys: Iterable<string>): Promise<void> {
      const target = createTargets(sql, vaultId);
      for (const key of keys) {
        const links = await sql.all<{
          note_id: number;
          ordinal: number;
          link: string;
          target_path: string | null;
          path: string;
        }>(
          `SELECT link.note_id, link.ordinal, link.link, link.target_path, note.path FROM link
           JOIN note ON note.id = link.note_id WHERE link.link_key = ? AND note.vault_id = ?`,
          key,
          vaultId,
        );
        for (const { note_id, ordinal, link, target_path, path } of links) {
          const found = await target(link, key, path);
          if (found === target_path) continue;
          await sql.run('UPDATE link SET target_path = ? WHERE note_id = ? AND ordinal = ?', found, note_id, ordinal);
        }
      }
    },

    /** Empties the index. */
    async clear(sql: Sql): Promise<void> {
      for (const table of ['link', 'tag', 'heading', 'note']) await sql.run(`DELETE FROM ${table}`);
      await search.clear(sql);
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
