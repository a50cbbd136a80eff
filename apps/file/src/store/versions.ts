import { promisify } from 'node:util';
import { zstdCompress, zstdDecompress } from 'node:zlib';
import type { Runtime } from '@weave-nn/config';
import { type Database, listOf, listTable, type Sql } from '@weave-nn/database';
import type { Mandate } from './transaction.ts';

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

/** A content that a path no longer has. */
export interface Replaced {
  path: string;
  hash: string;
}

const PORTION = 4 * 1024 * 1024;

function portions(contents: readonly KeptContent[]): KeptContent[][] {
  const all: KeptContent[][] = [];
  let size = Number.POSITIVE_INFINITY;
  for (const content of contents) {
    if (size + content.bytes.length > PORTION) {
      all.push([]);
      size = 0;
    }
    all.at(-1)?.push(content);
    size += content.bytes.length;
  }
  return all;
}

/** Contents by hash, and which of them a path once had. */
export function createVersionStore(database: Database, vaultId: string, runtime: Runtime) {
  const list = listTable(database.provider);

  async function insertContents(sql: Sql, contents: readonly KeptContent[]): Promise<void> {
    const conflict = 'ON CONFLICT (hash) DO NOTHING';
    const keptAt = runtime.now();
    if (database.provider === 'sqlite') {
      for (const { hash, size, bytes } of contents) {
        await sql.run(
          `INSERT INTO content (hash, size, bytes, kept_at) VALUES (?, ?, ?, ?) ${conflict}`,
          hash,
          size,
          bytes,
          keptAt,
        );
      }
      return;
    }
    // Sorted, so that two who keep the same contents never wait for each other.
    const rows = contents
      .map(({ hash, size, bytes }) => [hash, size, Buffer.from(bytes).toString('base64')] as const)
      .sort(([one], [other]) => (one < other ? -1 : 1));
    await sql.run(
      `INSERT INTO content (hash, size, bytes, kept_at)
       SELECT value ->> 0, CAST(value ->> 1 AS BIGINT), decode(value ->> 2, 'base64'), CAST(? AS BIGINT)
       FROM ${list} WHERE true ${conflict}`,
      keptAt,
      listOf(rows),
    );
  }

  return {
    async prepare(hash: string, bytes: Uint8Array): Promise<KeptContent> {
      return { hash, size: bytes.length, bytes: await compress(bytes) };
    },

    /** Keeps contents, in statements that carry a few megabytes at most. */
    async keepAll(sql: Sql, contents: readonly KeptContent[]): Promise<void> {
      for (const some of portions(contents)) await insertContents(sql, some);
    },

    /** Records that paths had these contents until now, as far as the contents are kept. */
    async recordAll(sql: Sql, replaced: readonly Replaced[], change: string, actor: string): Promise<void> {
      if (replaced.length === 0) return;
      await sql.run(
        `INSERT INTO version (id, vault_id, path, hash, size, change, actor, replaced_at)
         SELECT value ->> 0, CAST(? AS TEXT), value ->> 1, hash, size, CAST(? AS TEXT), CAST(? AS TEXT),
           CAST(? AS BIGINT) FROM ${list} JOIN content ON content.hash = value ->> 2`,
        vaultId,
        change,
        actor,
        runtime.now(),
        listOf(replaced.map(({ path, hash }) => [runtime.uuid(), path, hash])),
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
    async prune(before: number, mandate: Mandate): Promise<void> {
      await database.transaction(async (sql) => {
        await mandate.fence(sql);
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
