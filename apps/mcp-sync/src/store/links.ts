import { type Database, listOf, listTable, oneOfList, rowInsert, type Sql } from '@weave-nn/database';
import { resolveLink } from '@weave-nn/vault';
import type { IndexedLink } from '../domain/indexed-note.ts';
import { partsOf } from './parts.ts';

/** A note has up to 20,000 links, and a batch hundreds of notes. */
const MOST_ROWS = 10_000;

interface StoredLink {
  note_id: number;
  ordinal: number;
  link: string;
  link_key: string;
  target_path: string | null;
  path: string;
}

/** The links of notes, each with the file that it means. */
export function createLinkStore(provider: Database['provider'], vaultId: string) {
  const list = listTable(provider);
  const insert = rowInsert(provider, {
    table: 'link',
    columns: {
      note_id: 'BIGINT',
      ordinal: 'INTEGER',
      vault_id: 'TEXT',
      link: 'TEXT',
      link_key: 'TEXT',
      subpath: 'TEXT',
      alias: 'TEXT',
      embed: 'INTEGER',
      line: 'INTEGER',
      target_path: 'TEXT',
    },
  });
  const listed = oneOfList(provider);

  /** Paths by the key that links name them with. */
  async function candidatesOf(sql: Sql, wanted: Iterable<string>): Promise<Map<string, string[]>> {
    const rows = await sql.all<{ link_key: string; path: string }>(
      `SELECT link_key, path FROM note WHERE vault_id = ? AND link_key ${listed}`,
      vaultId,
      listOf([...new Set(wanted)].map((key) => [key])),
    );
    const candidates = new Map<string, string[]>();
    for (const { link_key, path } of rows) {
      const paths = candidates.get(link_key);
      if (paths) paths.push(path);
      else candidates.set(link_key, [path]);
    }
    return candidates;
  }

  /** On SQLite one by one, since reading them out of one list takes four times as long. */
  async function setTargets(sql: Sql, rows: readonly (readonly [number, number, string | null])[]): Promise<void> {
    if (provider === 'sqlite') {
      const set = 'UPDATE link SET target_path = ? WHERE note_id = ? AND ordinal = ?';
      for (const [noteId, ordinal, target] of rows) await sql.run(set, target, noteId, ordinal);
    } else if (rows.length > 0) {
      await sql.run(
        `UPDATE link SET target_path = value ->> 2 FROM ${list}
         WHERE note_id = CAST(value ->> 0 AS BIGINT) AND ordinal = CAST(value ->> 1 AS INTEGER)`,
        listOf(rows),
      );
    }
  }

  return {
    /** Writes the links of notes that have none yet. */
    async add(sql: Sql, notes: readonly { id: number; path: string; links: readonly IndexedLink[] }[]): Promise<void> {
      if (notes.every(({ links }) => links.length === 0)) return;
      const candidates = await candidatesOf(
        sql,
        notes.flatMap(({ links }) => links.map(({ linkKey }) => linkKey)),
      );
      const rows = notes.flatMap(({ id, path, links }) =>
        links.map(({ link, linkKey, subpath, alias, embed, line }, ordinal) => {
          const paths = candidates.get(linkKey);
          const target = paths ? resolveLink(link, path, paths) : null;
          return [id, ordinal, vaultId, link, linkKey, subpath, alias, embed ? 1 : 0, line, target];
        }),
      );
      for (const part of partsOf(rows, MOST_ROWS, () => 1)) await insert(sql, part);
    },

    /** Resolves links anew whose name has got or lost a file. */
    async resolveAgain(sql: Sql, changed: ReadonlySet<string>): Promise<void> {
      if (changed.size === 0) return;
      const links = await sql.all<StoredLink>(
        `SELECT link.note_id, link.ordinal, link.link, link.link_key, link.target_path, note.path
         FROM link JOIN note ON note.id = link.note_id WHERE link.vault_id = ? AND link.link_key ${listed}`,
        vaultId,
        listOf([...changed].map((key) => [key])),
      );
      const candidates = await candidatesOf(sql, changed);
      const rows = links.flatMap(({ note_id, ordinal, link, link_key, target_path, path }) => {
        const target = resolveLink(link, path, candidates.get(link_key) ?? []);
        return target === target_path ? [] : [[note_id, ordinal, target] as const];
      });
      await setTargets(sql, rows);
    },
  };
}

export type LinkStore = ReturnType<typeof createLinkStore>;
