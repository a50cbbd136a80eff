import type { GraphLink } from '@weave-nn/clients';
import { type Database, membersOf, oneOfList } from '@weave-nn/database';
import { linkKey } from '@weave-nn/vault';
import { LINK_TARGET, NAMED } from './links.ts';
import { pathsBy } from './paths-by.ts';

interface LinkRow {
  source: string;
  target: string | null;
  link: string;
  subpath: string;
  alias: string | null;
  embed: number;
  line: number;
}

const COLUMNS = `note.path AS source, ${LINK_TARGET} AS target, link.link, link.subpath, link.alias, link.embed, link.line`;

/** Links that lead nowhere, as a table of `link` and `note_id`; the vault is bound to it twice. */
const UNRESOLVED = `(
  SELECT link, note_id FROM link WHERE vault_id = ? AND chosen <> ${NAMED} AND target_path IS NULL
  UNION ALL
  SELECT link, note_id FROM link WHERE vault_id = ? AND chosen = ${NAMED}
    AND NOT EXISTS (SELECT 1 FROM note WHERE note.vault_id = link.vault_id AND note.link_key = link.link_key)
) AS link`;

function toLink(row: LinkRow): GraphLink {
  return { ...row, embed: row.embed === 1 };
}

/** The link graph as it is read. */
export function createGraphStore(database: Database, vaultId: string) {
  const { read } = database;

  return {
    async has(path: string): Promise<boolean> {
      return (
        (await read.get('SELECT 1 AS found FROM note WHERE vault_id = ? AND path = ?', vaultId, path)) !== undefined
      );
    },

    /** Links to a file, by the notes that have them. */
    async backlinks(path: string, offset: number, limit: number): Promise<GraphLink[]> {
      const rows = await read.all<LinkRow>(
        `SELECT ${COLUMNS} FROM link JOIN note ON note.id = link.note_id
         WHERE link.vault_id = ? AND link.link_key = ? AND ${LINK_TARGET} = ? AND note.path <> ?
         ORDER BY note.path, link.ordinal LIMIT ? OFFSET ?`,
        vaultId,
        linkKey(path),
        path,
        path,
        limit,
        offset,
      );
      return rows.map(toLink);
    },

    /** The links that a note has, in their order. */
    async links(path: string, offset: number, limit: number): Promise<GraphLink[]> {
      const rows = await read.all<LinkRow>(
        `SELECT ${COLUMNS} FROM link JOIN note ON note.id = link.note_id
         WHERE note.vault_id = ? AND note.path = ? ORDER BY link.ordinal LIMIT ? OFFSET ?`,
        vaultId,
        path,
        limit,
        offset,
      );
      return rows.map(toLink);
    },

    /** Files one link away, either way, each once. */
    async neighbours(path: string): Promise<{ source: string; target: string }[]> {
      return read.all(
        `SELECT DISTINCT note.path AS source, ${LINK_TARGET} AS target FROM link JOIN note ON note.id = link.note_id
         WHERE note.vault_id = ? AND note.path = ? AND ${LINK_TARGET} IS NOT NULL
         UNION
         SELECT DISTINCT note.path AS source, ${LINK_TARGET} AS target FROM link JOIN note ON note.id = link.note_id
         WHERE link.vault_id = ? AND link.link_key = ? AND ${LINK_TARGET} = ?
         ORDER BY source, target`,
        vaultId,
        path,
        vaultId,
        linkKey(path),
        path,
      );
    },

    /** Notes that no other note links to and that link to no other. */
    async orphans(after: string, limit: number): Promise<{ path: string; title: string }[]> {
      return read.all(
        `SELECT path, title FROM note WHERE vault_id = ? AND is_note = 1 AND path > ?
         AND NOT EXISTS (SELECT 1 FROM link WHERE link.note_id = note.id AND ${LINK_TARGET} <> note.path)
         AND NOT EXISTS (SELECT 1 FROM link WHERE link.vault_id = note.vault_id AND link.link_key = note.link_key
           AND ${LINK_TARGET} = note.path AND link.note_id <> note.id)
         ORDER BY path LIMIT ?`,
        vaultId,
        after,
        limit,
      );
    },

    /** What links name and no file is called, most often named first. */
    async unresolved(offset: number, limit: number): Promise<{ link: string; count: number }[]> {
      return read.all(
        `SELECT link, count(*) AS count FROM ${UNRESOLVED} GROUP BY link ORDER BY count DESC, link LIMIT ? OFFSET ?`,
        vaultId,
        vaultId,
        limit,
        offset,
      );
    },

    /** The notes that have each of some unresolved links, in their order. */
    async sourcesOf(links: readonly string[]): Promise<Map<string, string[]>> {
      const rows = await read.all<{ link: string; path: string }>(
        `SELECT DISTINCT link.link, note.path FROM ${UNRESOLVED} JOIN note ON note.id = link.note_id
         WHERE link.link ${oneOfList(database.provider)} ORDER BY note.path`,
        vaultId,
        vaultId,
        membersOf(links),
      );
      return pathsBy(rows, ({ link }) => link);
    },

    /** Tags and how many notes have them, most often used first. */
    async tags(offset: number, limit: number): Promise<{ tag: string; count: number }[]> {
      return read.all(
        `SELECT min(tag) AS tag, count(*) AS count FROM tag WHERE vault_id = ?
         GROUP BY tag_key ORDER BY count DESC, tag_key LIMIT ? OFFSET ?`,
        vaultId,
        limit,
        offset,
      );
    },
  };
}

export type GraphStore = ReturnType<typeof createGraphStore>;
