import { type Database, membersOf, oneOfList, rowInsert, type Sql } from '@weave-nn/database';
import type { FileStat } from '../domain/vault-folder.ts';

/** A file as the vault was last seen. */
export interface ManifestEntry extends FileStat {
  path: string;
  collisionKey: string;
  hash: string;
  sequence: number;
  linkKeys: string;
}

/** As much of an entry as tells whether a file is still what it was. */
export type SeenFile = Pick<ManifestEntry, 'path' | 'hash' | 'size' | 'mtimeUs' | 'ctimeUs' | 'device' | 'inode'>;

interface Row {
  path: string;
  collision_key: string;
  hash: string;
  size: number;
  mode: number;
  mtime_us: number;
  ctime_us: number;
  birthtime_us: number;
  device: string;
  inode: string;
  sequence: number;
  link_keys: string;
}

function toEntry(row: Row): ManifestEntry {
  return {
    path: row.path,
    collisionKey: row.collision_key,
    hash: row.hash,
    size: row.size,
    mode: row.mode,
    mtimeUs: row.mtime_us,
    ctimeUs: row.ctime_us,
    birthtimeUs: row.birthtime_us,
    device: row.device,
    inode: row.inode,
    sequence: row.sequence,
    linkKeys: row.link_keys,
  };
}

/** Entries that are read at once when all are gone through. */
const PAGE = 1_000;

/** The first text that is greater than every text with this prefix. */
function after(prefix: string): string {
  return `${prefix}\u{10FFFF}`;
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

/** The manifest: what is known of every file of the vault. */
export function createManifestStore(database: Database, vaultId: string) {
  const { read } = database;
  const listed = oneOfList(database.provider);
  const put = rowInsert(database.provider, {
    table: 'manifest',
    columns: {
      vault_id: 'TEXT',
      path: 'TEXT',
      collision_key: 'TEXT',
      hash: 'TEXT',
      size: 'BIGINT',
      mode: 'INTEGER',
      mtime_us: 'BIGINT',
      ctime_us: 'BIGINT',
      birthtime_us: 'BIGINT',
      device: 'TEXT',
      inode: 'TEXT',
      sequence: 'BIGINT',
      link_keys: 'TEXT',
    },
    conflict: `ON CONFLICT (vault_id, path) DO UPDATE SET collision_key = excluded.collision_key, hash = excluded.hash,
      size = excluded.size, mode = excluded.mode, mtime_us = excluded.mtime_us, ctime_us = excluded.ctime_us,
      birthtime_us = excluded.birthtime_us, device = excluded.device, inode = excluded.inode,
      sequence = excluded.sequence, link_keys = excluded.link_keys`,
  });

  /** Files after `cursor` in path order, those in `folder` and below only when it is not empty. */
  async function page(folder: string, cursor: string, limit: number): Promise<ManifestEntry[]> {
    const prefix = folder === '' ? '' : `${folder}/`;
    const rows = await read.all<Row>(
      'SELECT * FROM manifest WHERE vault_id = ? AND path > ? AND path >= ? AND path < ? ORDER BY path LIMIT ?',
      vaultId,
      cursor,
      prefix,
      after(prefix),
      limit,
    );
    return rows.map(toEntry);
  }

  return {
    async find(path: string, sql: Sql = read): Promise<ManifestEntry | undefined> {
      const row = await sql.get<Row>('SELECT * FROM manifest WHERE vault_id = ? AND path = ?', vaultId, path);
      return row && toEntry(row);
    },

    /** The entries of those paths that have one. */
    async findAll(paths: readonly string[], sql: Sql = read): Promise<Map<string, ManifestEntry>> {
      const rows = await sql.all<Row>(
        `SELECT * FROM manifest WHERE vault_id = ? AND path ${listed}`,
        vaultId,
        membersOf(paths),
      );
      return new Map(rows.map((row) => [row.path, toEntry(row)]));
    },

    page,

    async count(): Promise<number> {
      const row = await read.get<{ files: number }>(
        'SELECT count(*) AS files FROM manifest WHERE vault_id = ?',
        vaultId,
      );
      return row?.files ?? 0;
    },

    /** The last known state of all files, in path order, those in `folder` and below only when it is not empty. */
    async *seen(folder = ''): AsyncGenerator<SeenFile[]> {
      const prefix = folder === '' ? '' : `${folder}/`;
      for (let cursor = ''; ; ) {
        const rows = await read.all<SeenFile>(
          `SELECT path, hash, size, mtime_us AS "mtimeUs", ctime_us AS "ctimeUs", device, inode FROM manifest
           WHERE vault_id = ? AND path > ? AND path >= ? AND path < ? ORDER BY path LIMIT ?`,
          vaultId,
          cursor,
          prefix,
          after(prefix),
          PAGE,
        );
        if (rows.length > 0) yield rows;
        if (rows.length < PAGE) return;
        cursor = rows.at(-1)?.path ?? cursor;
      }
    },

    async isEmpty(): Promise<boolean> {
      return (await read.get('SELECT 1 AS found FROM manifest WHERE vault_id = ? LIMIT 1', vaultId)) === undefined;
    },

    async paths(): Promise<string[]> {
      const rows = await read.all<{ path: string }>('SELECT path FROM manifest WHERE vault_id = ?', vaultId);
      return rows.map(({ path }) => path);
    },

    /** Files whose paths differ from this one at most in case or Unicode normalisation. */
    async colliding(collisionKey: string): Promise<string[]> {
      const rows = await read.all<{ path: string }>(
        'SELECT path FROM manifest WHERE vault_id = ? AND collision_key = ?',
        vaultId,
        collisionKey,
      );
      return rows.map(({ path }) => path);
    },

    /** Notes with a link that names this key. */
    async linking(key: string): Promise<string[]> {
      const rows = await read.all<{ path: string }>(
        `SELECT path FROM manifest WHERE vault_id = ? AND link_keys LIKE ? ESCAPE '\\'`,
        vaultId,
        `%\n${escapeLike(key)}\n%`,
      );
      return rows.map(({ path }) => path);
    },

    /** Writes entries, each of another path. */
    async putAll(sql: Sql, entries: readonly ManifestEntry[]): Promise<void> {
      const rows = entries.map((entry) => [
        vaultId,
        entry.path,
        entry.collisionKey,
        entry.hash,
        entry.size,
        entry.mode,
        entry.mtimeUs,
        entry.ctimeUs,
        entry.birthtimeUs,
        entry.device,
        entry.inode,
        entry.sequence,
        entry.linkKeys,
      ]);
      await put(sql, rows);
    },

    async removeAll(sql: Sql, paths: readonly string[]): Promise<void> {
      if (paths.length === 0) return;
      await sql.run(`DELETE FROM manifest WHERE vault_id = ? AND path ${listed}`, vaultId, membersOf(paths));
    },

    /** Notes after `cursor` in path order whose present content is not kept yet, of at most `largest` bytes. */
    async unkept(largest: number, cursor: string, limit: number): Promise<{ path: string; hash: string }[]> {
      return read.all(
        `SELECT path, hash FROM manifest WHERE vault_id = ? AND path > ? AND size <= ? AND path LIKE '%.md'
         AND NOT EXISTS (SELECT 1 FROM content WHERE content.hash = manifest.hash) ORDER BY path LIMIT ?`,
        vaultId,
        cursor,
        largest,
        limit,
      );
    },
  };
}

export type ManifestStore = ReturnType<typeof createManifestStore>;
