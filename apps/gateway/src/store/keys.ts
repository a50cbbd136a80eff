import type { Role, Scope } from '@weave-nn/clients';
import { isUniqueViolation, withNumbers } from '@weave-nn/database';
import type { ApiKey } from '../../prisma/generated/sqlite/client.ts';
import type { StoredKey } from '../domain/stored-key.ts';
import type { GatewayDatabase } from './client.ts';

function toKey(row: ApiKey): StoredKey {
  const { vaultId: _vault, hash: _hash, idempotencyKey: _key, fingerprint: _fingerprint, ...key } = withNumbers(row);
  return { ...key, role: key.role as Role, scopes: JSON.parse(key.scopes) as Scope[] };
}

/** What a maker called the request that made a key, and what it asked for. */
export interface KeyIdempotency {
  key: string;
  fingerprint: string;
}

/** Principals and the keys that let them in. Times are milliseconds since 1970. */
export function createKeyStore(database: GatewayDatabase, vaultId: string) {
  const apiKeys = async () => (await database.prisma()).apiKey;

  return {
    /** The key whose secret has this hash. */
    async findByHash(hash: string): Promise<StoredKey | undefined> {
      const row = await (await apiKeys()).findFirst({ where: { hash, vaultId } });
      return row ? toKey(row) : undefined;
    },

    /** The key that was made under this idempotency key. */
    async findByIdempotencyKey(key: string): Promise<{ key: StoredKey; fingerprint: string } | undefined> {
      const row = await (await apiKeys()).findFirst({ where: { vaultId, idempotencyKey: key } });
      return row ? { key: toKey(row), fingerprint: row.fingerprint ?? '' } : undefined;
    },

    /** Keys with an id after `cursor`, in the order of ids. */
    async page(cursor: string, limit: number): Promise<StoredKey[]> {
      const where = { vaultId, id: { gt: cursor } };
      const rows = await (await apiKeys()).findMany({ where, orderBy: { id: 'asc' }, take: limit });
      return rows.map(toKey);
    },

    /**
     * Adds a key with the principal that it lets in.
     *
     * @returns false, with nothing added, when another request was quicker under the same idempotency key
     */
    async insert(key: StoredKey, hash: string, idempotency: KeyIdempotency | null): Promise<boolean> {
      const { principalId, scopes, ...values } = key;
      const { name, role, createdAt } = key;
      const idempotent = { idempotencyKey: idempotency?.key ?? null, fingerprint: idempotency?.fingerprint ?? null };
      const apiKey = { ...values, vaultId, hash, scopes: JSON.stringify(scopes), ...idempotent };
      try {
        const { principal } = await database.prisma();
        await principal.create({ data: { id: principalId, vaultId, name, role, createdAt, keys: { create: apiKey } } });
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
      const keys = await apiKeys();
      await keys.updateMany({ where: { vaultId, id, revokedAt: null }, data: { revokedAt: at } });
      return (await keys.findFirst({ where: { vaultId, id }, select: { hash: true } }))?.hash;
    },

    /** Notes that a key was used, unless one after `since` is noted already. */
    async recordUse(id: string, at: number, since: number): Promise<void> {
      const isOlder = [{ lastUsedAt: null }, { lastUsedAt: { lte: since } }];
      await (await apiKeys()).updateMany({ where: { vaultId, id, OR: isOlder }, data: { lastUsedAt: at } });
    },
  };
}

export type KeyStore = ReturnType<typeof createKeyStore>;
