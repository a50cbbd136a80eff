import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import type { Runtime } from '@weave-nn/config';
import type { Database, Sql } from '@weave-nn/database';

const compress = promisify(zstdCompress);
const decompress = promisify(zstdDecompress);

export interface VersionRow {
  id: string;
  hash: string;
  size: number;
  change: string;
  actor: string;
  replaced_at: number;
}

/** A content made ready to be kept, since compressing must not hold up a transaction. */
export interface KeptContent {
  hash: string;
  size: number;
  bytes: Uint8Array;
}

/** Contents by hash, and which of them a path once had. */
export function createVersionStore(database: Database, vaultId: string, runtime: Runtime) {
  return {
    async prepare(hash: string, bytes: Uint8Array): Promise<KeptContent> {
      return { hash, size: bytes.length, bytes: await compress(bytes) };
    },

    async keep(sql: Sql, content: KeptContent): Promise<void> {
      await sql.run(
        'INSERT INTO content (hash, size, bytes, kept_at) VALUES (?, ?, ?, ?) ON CONFLICT (hash) DO NOTHING',
        content.hash,
        content.size,
        content.bytes,
        runtime.now(),
      );
    },

    /** Records that a path had this content until now, if the content is kept. */
    async record(sql: Sql, path: string, hash: string, change: string, actor: string): Promise<void> {
      await sql.run(
        `INSERT INTO version (id, vault_id, path, hash, size, change, actor, replaced_at)
         SELECT ?, ?, ?, hash, size, ?, ?, ? FROM content WHERE hash = ?`,
        runtime.uuid(),
        vaultId,
        path,
        change,
        actor,
        runtime.now(),
        hash,
      );
    },

    /** The versions of a path, newest first, older than `cursor` (an id) when it is not empty. */
    async page(path: string, cursor: string, limit: number): Promise<VersionRow[]> {
      return database.read.all<VersionRow>(
        `SELECT id, hash, size, change, actor, replaced_at FROM version
         WHERE vault_id = ? AND path = ? AND (? = '' OR id < ?) ORDER BY id DESC LIMIT ?`,
        vaultId,
        path,
        cursor,
        cursor,
        limit,
      );
    },

    async has(path: string, hash: string): Promise<boolean> {
      const row = await database.read.get(
        'SELECT 1 AS found FROM version WHERE vault_id = ? AND path = ? AND hash = ? LIMIT 1',
        vaultId,
        path,
        hash,
      );
      return row !== undefined;
    },

    async bytes(hash: string): Promise<Buffer | undefined> {
      const row = await database.read.get<{ bytes: Uint8Array }>('SELECT bytes FROM content WHERE hash = ?', hash);
      return row && (await decompress(row.bytes));
    },

    /** Forgets versions older than `before` (milliseconds since 1970), and contents that nothing refers to any more. */
    async prune(before: number): Promise<void> {
      await database.transaction(async (sql) => {
        await sql.run('DELETE FROM version WHERE replaced_at < ?', before);
        await sql.run(
          `DELETE FROM content WHERE kept_at < ?
           AND NOT EXISTS (SELECT 1 FROM version WHERE version.hash = content.hash)
           AND NOT EXISTS (SELECT 1 FROM manifest WHERE manifest.hash = content.hash)`,
          before,
        );
      });
    },
  };
}

export type VersionStore = ReturnType<typeof createVersionStore>;
