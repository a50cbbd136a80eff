import type { Role, Scope } from '@weave-nn/clients';
import { type Database, isUniqueViolation } from '@weave-nn/database';
import type { StoredKey } from '../domain/stored-key.ts';

interface Row {
  id: string;
  principal_id: string;
  prefix: string;
  name: string;
  role: Role;
  scopes: string;
  created_at: number;
  expires_at: number | null;
  last_used_at: number | null;
  revoked_at: number | null;
}

const COLUMNS = 'id, principal_id, prefix, name, role, scopes, created_at, expires_at, last_used_at, revoked_at';

function toKey(row: Row): StoredKey {
  return {
    id: row.id,
    principalId: row.principal_id,
    prefix: row.prefix,
    name: row.name,
    role: row.role,
    scopes: JSON.parse(row.scopes) as Scope[],
    createdAt: row.created_at,
    expiresAt: row.expires_at,
    lastUsedAt: row.last_used_at,
    revokedAt: row.revoked_at,
  };
}

/** What a maker called the request that made a key, and what it asked for. */
export interface KeyIdempotency {
  key: string;
  fingerprint: string;
}

/** Principals and the keys that let them in. Times are milliseconds since 1970. */
export function createKeyStore(database: Database, vaultId: string) {
  const { read } = database;

  return {
    /** The key whose secret has this hash. */
    async findByHash(hash: string): Promise<StoredKey | undefined> {
      const row = await read.get<Row>(`SELECT ${COLUMNS} FROM api_key WHERE hash = ? AND vault_id = ?`, hash, vaultId);
      return row && toKey(row);
    },

    /** The key that was made under this idempotency key. */
    async findByIdempotencyKey(key: string): Promise<{ key: StoredKey; fingerprint: string } | undefined> {
      const row = await read.get<Row & { fingerprint: string }>(
        `SELECT ${COLUMNS}, fingerprint FROM api_key WHERE vault_id = ? AND idempotency_key = ?`,
        vaultId,
        key,
      );
      return row && { key: toKey(row), fingerprint: row.fingerprint };
    },

    /** Keys with an id after `cursor`, in the order of ids. */
    async page(cursor: string, limit: number): Promise<StoredKey[]> {
      const rows = await read.all<Row>(
        `SELECT ${COLUMNS} FROM api_key WHERE vault_id = ? AND id > ? ORDER BY id LIMIT ?`,
        vaultId,
        cursor,
        limit,
      );
      return rows.map(toKey);
    },

    /**
     * Adds a key with the principal that it lets in.
     *
     * @returns false, with nothing added, when another request was quicker under the same idempotency key
     */
    async insert(key: StoredKey, hash: string, idempotency: KeyIdempotency | null): Promise<boolean> {
      try {
        await database.transaction(async (sql) => {
          await sql.run(
            'INSERT INTO principal (id, vault_id, name, role, created_at) VALUES (?, ?, ?, ?, ?)',
            key.principalId,
            vaultId,
            key.name,
            key.role,
            key.createdAt,
          );
          await sql.run(
            `INSERT INTO api_key (vault_id, hash, idempotency_key, fingerprint, ${COLUMNS})
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
            vaultId,
            hash,
            idempotency?.key ?? null,
            idempotency?.fingerprint ?? null,
            key.id,
            key.principalId,
            key.prefix,
            key.name,
            key.role,
            JSON.stringify(key.scopes),
            key.createdAt,
            key.expiresAt,
            key.lastUsedAt,
            key.revokedAt,
          );
        });
        return true;
      } catch (error) {
        if (isUniqueViolation(error)) return false;
        throw error;
      }
    },

    /**
     * Revokes a key, unless it is revoked already.
     *
     * @returns the hash of its secret, undefined when there is no such key
     */
    async revoke(id: string, at: number): Promise<string | undefined> {
      return database.transaction(async (sql) => {
        await sql.run(
          'UPDATE api_key SET revoked_at = ? WHERE vault_id = ? AND id = ? AND revoked_at IS NULL',
          at,
          vaultId,
          id,
        );
        const row = await sql.get<{ hash: string }>(
          'SELECT hash FROM api_key WHERE vault_id = ? AND id = ?',
          vaultId,
          id,
        );
        return row?.hash;
      });
    },

    /** Notes that a key was used, unless one after `since` is noted already. */
    async recordUse(id: string, at: number, since: number): Promise<void> {
      await database.transaction((sql) =>
        sql.run(
          `UPDATE api_key SET last_used_at = ?
           WHERE vault_id = ? AND id = ? AND (last_used_at IS NULL OR last_used_at <= ?)`,
          at,
          vaultId,
          id,
          since,
        ),
      );
    },
  };
}

export type KeyStore = ReturnType<typeof createKeyStore>;
