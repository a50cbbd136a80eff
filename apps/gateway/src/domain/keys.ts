import { hash } from 'node:crypto';
import type { CreateKeyRequest } from '@weave-nn/clients';
import type { Runtime } from '@weave-nn/config';
import { GatewayError } from '../errors.ts';
import type { KeyStore } from '../store/keys.ts';
import { type Caller, lackToGrant } from './access.ts';
import type { KeyRing } from './key-ring.ts';
import { hasIdForm, makeSecret } from './secret.ts';
import type { StoredKey } from './stored-key.ts';

const DEFAULT_LIMIT = 100;
const lacks = {
  'role-too-low': 'a key cannot have a higher role than the one that makes it',
  'scope-missing': 'a key cannot have other scopes than the one that makes it',
} as const;

/** A key after its making; the secret only the first time. */
export interface MadeKey {
  key: StoredKey;
  secret: string | null;
}

function encodeCursor(id: string): string {
  return Buffer.from(id, 'hex').toString('base64url');
}

function decodeCursor(cursor: string | undefined): string {
  if (cursor === undefined || cursor === '') return '';
  const id = Buffer.from(cursor, 'base64url').toString('hex');
  if (!hasIdForm(id) || encodeCursor(id) !== cursor) {
    throw new GatewayError('cursor-invalid', 'invalid cursor; send the nextCursor of an earlier response');
  }
  return id;
}

function fingerprintOf({ name, role, scopes = [], expiresAt = '' }: CreateKeyRequest): string {
  return hash('sha256', JSON.stringify([name, role, scopes, expiresAt]));
}

/** Keys: made, listed, revoked. */
export function createKeys({ store, ring, runtime }: { store: KeyStore; ring: KeyRing; runtime: Runtime }) {
  function readExpiry(expiresAt: string | undefined): number | null {
    if (expiresAt === undefined) return null;
    const time = Date.parse(expiresAt);
    if (time > runtime.now()) return time;
    throw new GatewayError('expiry-past', 'expiresAt must be in the future');
  }

  async function findRepeated(idempotencyKey: string, fingerprint: string): Promise<MadeKey | undefined> {
    const repeated = await store.findByIdempotencyKey(idempotencyKey);
    if (!repeated) return undefined;
    if (repeated.fingerprint === fingerprint) return { key: repeated.key, secret: null };
    throw new GatewayError('idempotency-key-reused', 'the Idempotency-Key was used for another request');
  }

  return {
    /**
     * Makes a key. Since its secret is not kept, a repetition answers the same key without it.
     *
     * @param idempotencyKey what the maker calls this request; null for a request that is not repeated
     * @throws GatewayError `role-too-low` or `scope-missing` for more than the maker has, `expiry-past`,
     *   `idempotency-key-reused` for another request under the same name
     */
    async create(request: CreateKeyRequest, maker: Caller, idempotencyKey: string | null): Promise<MadeKey> {
      const { name, role, scopes = [] } = request;
      const fingerprint = fingerprintOf(request);
      const idempotency = idempotencyKey === null ? null : { key: `${maker.id}:${idempotencyKey}`, fingerprint };
      const repeated = idempotency && (await findRepeated(idempotency.key, fingerprint));
      if (repeated) return repeated;
      const lack = lackToGrant(maker, { role, scopes });
      if (lack) throw new GatewayError(lack, lacks[lack]);
      const expiresAt = readExpiry(request.expiresAt);
      const { id, secret, prefix, hash: secretHash } = makeSecret(runtime.uuid());
      const key: StoredKey = {
        id,
        principalId: `key:${id}`,
        prefix,
        name,
        role,
        scopes,
        createdAt: runtime.now(),
        expiresAt,
        lastUsedAt: null,
        revokedAt: null,
      };
      if (await store.insert(key, secretHash, idempotency)) return { key, secret };
      const meanwhile = idempotency && (await findRepeated(idempotency.key, fingerprint));
      if (meanwhile) return meanwhile;
      throw new Error(`the key ${id} is there already`);
    },

    /** Keys in the order of their making, revoked ones too, a page at a time. */
    async page({ limit = DEFAULT_LIMIT, cursor }: { limit?: number; cursor?: string }) {
      const keys = await store.page(decodeCursor(cursor), limit + 1);
      const items = keys.slice(0, limit);
      return { items, nextCursor: keys.length > limit ? encodeCursor(items.at(-1)?.id ?? '') : null };
    },

    /**
     * Revokes a key: here at once, on other replicas within seconds. Twice is as once.
     *
     * @throws GatewayError `key-not-found`
     */
    async revoke(id: string): Promise<void> {
      const secretHash = hasIdForm(id) ? await store.revoke(id, runtime.now()) : undefined;
      if (secretHash === undefined) throw new GatewayError('key-not-found', 'there is no key with this id');
      ring.forget(secretHash);
    },
  };
}

export type Keys = ReturnType<typeof createKeys>;
