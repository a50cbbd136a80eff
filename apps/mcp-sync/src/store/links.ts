import { type Database, listOf, listTable, membersOf, oneOfList, rowInsert, type Sql } from '@weave-nn/database/sql';
import { namesAnyFile, namesWholePath, resolveLink } from '@weave-nn/vault/resolve';
import type { IndexedLink, IndexedNote } from '../domain/indexed-note.ts';
import { partsOf } from './parts.ts';
import { pathsBy } from './paths-by.ts';
import type { WrittenNote } from './written-note.ts';

/** A note has up to 20,000 links, and a batch hundreds of notes. */
const MAX_ROWS = 10_000;

/** By its name, when the graph is read. */
export const NAMED = 0;
/** Among all files of its name. */
const CHOSEN = 1;
/** By its whole path: no other file can be better. */
const WHOLE = 2;

/** Where a link leads, and how that was found. */
interface Target {
  chosen: number;
  path: string | null;
}

interface ChosenLink {
  note_id: number;
  ordinal: number;
  link: string;
  link_key: string;
  chosen: number;
  target_path: string | null;
  path: string;
}

/** A file, by what links name it with. */
type Named = Pick<IndexedNote, 'linkKey' | 'path'>;

function linksIn({ links }: IndexedNote): IndexedLink[] {
  return JSON.parse(links);
}

/** What a link means from now on, and the row that says it. */
type TargetRow = readonly [chosen: number, path: string | null, noteId: number, ordinal: number];

/** Most links name a file that no other is called like: those are not written again whenever a file comes or goes. */
function targetOf(link: string, source: string, candidates: readonly string[]): Target {
  if (candidates.length < 2 && namesAnyFile(link)) return { chosen: NAMED, path: null };
  const path = resolveLink(link, source, candidates);
  return { chosen: path !== null && namesWholePath(link, source, path) ? WHOLE : CHOSEN, path };
}

/** The row of a link that means something else among these, as `setTargets` takes it; none when it does not. */
function changeOf({ link, path, note_id, ordinal, ...before }: ChosenLink, candidates: readonly string[]): TargetRow[] {
  const after = targetOf(link, path, candidates);
  if (after.chosen === before.chosen && after.path === before.target_path) return [];
  return [[after.chosen, after.path, note_id, ordinal]];
}

/**
 * What a `link` row means, in SQL: the file that was chosen for it, or else the one that its name has.
 * Null where there is none.
 */
export const LINK_TARGET = `CASE link.chosen WHEN ${NAMED} THEN (
  SELECT min(named.path) FROM note AS named WHERE named.vault_id = link.vault_id AND named.link_key = link.link_key
) ELSE link.target_path END`;

/** The links of notes, each with the file that it means. */
export function createLinkStore(provider: Database['provider'], vaultId: string) {
  const list = listTable(provider);
  const listed = oneOfList(provider);
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
      chosen: 'INTEGER',
      target_path: 'TEXT',
    },
  });

  /** Paths by the key that links name them with. */
  async function candidatesOf(sql: Sql, wanted: Iterable<string>): Promise<Map<string, string[]>> {
    const rows = await sql.all<{ link_key: string; path: string }>(
      `SELECT link_key, path FROM note WHERE vault_id = ? AND link_key ${listed}`,
      vaultId,
      membersOf([...new Set(wanted)]),
    );
    return pathsBy(rows, ({ link_key }) => link_key);
  }

  /** Those of some keys that several files have. */
  async function severalOf(sql: Sql, keys: Iterable<string>): Promise<string[]> {
    const rows = await sql.all<{ link_key: string }>(
      `SELECT link_key FROM note WHERE vault_id = ? AND link_key ${listed} GROUP BY link_key HAVING count(*) > 1`,
      vaultId,
      membersOf([...new Set(keys)]),
    );
    return rows.map(({ link_key }) => link_key);
  }

  /** Links that name one of these keys, and whose file was found in that way. */
  async function linksOf(sql: Sql, chosen: number, keys: readonly string[]): Promise<ChosenLink[]> {
    if (keys.length === 0) return [];
    return sql.all(
      `SELECT link.note_id, link.ordinal, link.link, link.link_key, link.chosen, link.target_path, note.path
       FROM link JOIN note ON note.id = link.note_id
       WHERE link.vault_id = ? AND link.chosen = ? AND link.link_key ${listed}`,
      vaultId,
      chosen,
      membersOf(keys),
    );
  }

  /** On SQLite one by one, since reading them out of one list takes four times as long. */
  async function setTargets(sql: Sql, rows: readonly TargetRow[]) {
    if (provider === 'sqlite') {
      await sql.runEach('UPDATE link SET chosen = ?, target_path = ? WHERE note_id = ? AND ordinal = ?', rows);
    } else if (rows.length > 0) {
      await sql.run(
        `UPDATE link SET chosen = CAST(value ->> 0 AS INTEGER), target_path = value ->> 1 FROM ${list}
         WHERE note_id = CAST(value ->> 2 AS BIGINT) AND ordinal = CAST(value ->> 3 AS INTEGER)`,
        listOf(rows),
      );
    }
  }

  return {
    /** Writes the links of notes that have none yet. */
    async add(sql: Sql, written: readonly WrittenNote[]): Promise<void> {
      const notes = written.map(({ id, note }) => ({ id, path: note.path, links: linksIn(note) }));
      const links = notes.flatMap((note) => note.links);
      if (links.length === 0) return;
      const several = await severalOf(
        sql,
        links.map(([, key]) => key),
      );
      const precise = links.filter(([link]) => !namesAnyFile(link)).map(([, key]) => key);
      const candidates = await candidatesOf(sql, [...several, ...precise]);
      const rows = notes.flatMap(({ id, path, links }) =>
        links.map(([link, key, subpath, alias, embed, line], ordinal) => {
          const target = targetOf(link, path, candidates.get(key) ?? []);
          return [id, ordinal, vaultId, link, key, subpath, alias, embed, line, target.chosen, target.path];
        }),
      );
      for (const part of partsOf(rows, MAX_ROWS, () => 1)) await insert(sql, part);
    },

    /**
     * Chooses anew for links whose name has got or lost a file. Where none was lost, what was chosen among all others is
     * compared with nothing but those that came.
     */
    async chooseAgain(sql: Sql, came: readonly Named[], lost: readonly string[]): Promise<void> {
      const newOnes = pathsBy(came, ({ linkKey }) => linkKey);
      const lostKeys = new Set(lost);
      const isAfterLoss = ({ link_key }: ChosenLink) => lostKeys.has(link_key);
      const changed = [...new Set([...newOnes.keys(), ...lost])];
      if (changed.length === 0) return;
      const named = await linksOf(sql, NAMED, await severalOf(sql, changed));
      const chosen = await linksOf(sql, CHOSEN, changed);
      const open = [...named, ...chosen.filter(isAfterLoss), ...(await linksOf(sql, WHOLE, lost))];
      const candidates = await candidatesOf(
        sql,
        open.map(({ link_key }) => link_key),
      );
      await setTargets(sql, [
        ...open.flatMap((link) => changeOf(link, candidates.get(link.link_key) ?? [])),
        ...chosen
          .filter((link) => !isAfterLoss(link))
          .flatMap((link) => {
            const before = link.target_path === null ? [] : [link.target_path];
            return changeOf(link, [...before, ...(newOnes.get(link.link_key) ?? [])]);
          }),
      ]);
    },
  };
}

export type LinkStore = ReturnType<typeof createLinkStore>;
