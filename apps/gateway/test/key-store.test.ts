import { join } from 'node:path';
import { systemRuntime } from '@weave-nn/config';
import { schemaDrift } from '@weave-nn/database/drift';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { makeSecret } from '../src/domain/secret.ts';
import type { StoredKey } from '../src/domain/stored-key.ts';
import { createKeyStore, type KeyStore } from '../src/store/keys.ts';
import { createPlace, type Place, providers } from './fixture/places.ts';

const schemaFile = join(import.meta.dirname, '../prisma/schema.prisma');

function newKey(values: Partial<StoredKey> = {}): { key: StoredKey; hash: string } {
  const { id, prefix, hash } = makeSecret(systemRuntime.uuid());
  const key: StoredKey = {
    id,
    principalId: `key:${id}`,
    prefix,
    name: 'Ada’s laptop 🗝',
    role: 'editor',
    scopes: ['files:read', 'files:write'],
    createdAt: 1_790_000_000_000,
    expiresAt: null,
    lastUsedAt: null,
    revokedAt: null,
    ...values,
  };
  return { key, hash };
}

describe.each(providers)('the key store on $provider', ({ provider, answers }) => {
  if (!answers) {
    test.skip('the server does not answer');
    return;
  }
  let place: Place;
  let store: KeyStore;

  beforeEach(async () => {
    place = await createPlace(provider);
    store = createKeyStore(place.database, 'default');
  });
  afterEach(() => place.remove());

  test('has the tables that the schema says', async () => {
    expect(await schemaDrift({ schemaFile, ...place.options })).toBe('');
  });

  test('can be undone and made again', async () => {
    await place.migrate(0);
    await place.migrate('max');
    expect(await store.page('', 10)).toEqual([]);
  });

  test('gives a key back as it was put in', async () => {
    const { key, hash } = newKey({ expiresAt: 253_402_300_799_999 });
    expect(await store.insert(key, hash, null)).toBe(true);
    expect(await store.findByHash(hash)).toEqual(key);
    expect(await store.findByHash(hash.toUpperCase())).toBeUndefined();
    const principals = await place.database.read.all('SELECT id, vault_id, name, role, created_at FROM principal');
    expect(principals).toEqual([
      { id: key.principalId, vault_id: 'default', name: key.name, role: key.role, created_at: key.createdAt },
    ]);
  });

  test('lists keys in the order of their making, a page at a time', async () => {
    const made = Array.from({ length: 7 }, () => newKey());
    for (const { key, hash } of made.toReversed()) await store.insert(key, hash, null);
    const first = await store.page('', 4);
    const second = await store.page(first.at(-1)?.id ?? '', 4);
    expect([...first, ...second]).toEqual(made.map(({ key }) => key));
  });

  test('revokes once and keeps the first time', async () => {
    const { key, hash } = newKey();
    await store.insert(key, hash, null);
    expect(await store.revoke(key.id, 5)).toBe(hash);
    expect(await store.revoke(key.id, 9)).toBe(hash);
    expect(await store.findByHash(hash)).toEqual({ ...key, revokedAt: 5 });
    expect(await store.revoke('0'.repeat(32), 5)).toBeUndefined();
  });

  test('notes a use only when none is noted since the time asked', async () => {
    const { key, hash } = newKey();
    await store.insert(key, hash, null);
    const usedAt = async () => (await store.findByHash(hash))?.lastUsedAt;
    await store.recordUse(key.id, 100, 40);
    expect(await usedAt()).toBe(100);
    await store.recordUse(key.id, 150, 90);
    expect(await usedAt()).toBe(100);
    await store.recordUse(key.id, 200, 140);
    expect(await usedAt()).toBe(200);
  });

  test('makes one key of requests under one idempotency key, also when they come together', async () => {
    const made = Array.from({ length: 8 }, () => newKey());
    const idempotency = { key: 'key:default:once', fingerprint: 'f' };
    const added = await Promise.all(made.map(({ key, hash }) => store.insert(key, hash, idempotency)));
    expect(added.filter(Boolean)).toHaveLength(1);
    const [kept] = await store.page('', 10);
    expect(kept).toEqual(made[added.indexOf(true)]?.key);
    expect(await store.findByIdempotencyKey('key:default:once')).toEqual({ key: kept, fingerprint: 'f' });
    const principals = await place.database.read.all('SELECT id FROM principal');
    expect(principals).toEqual([{ id: kept?.principalId }]);
  });

  test('knows nothing of the keys of another vault', async () => {
    const { key, hash } = newKey();
    await store.insert(key, hash, { key: 'k', fingerprint: 'f' });
    const other = createKeyStore(place.database, 'other');
    expect(await other.findByHash(hash)).toBeUndefined();
    expect(await other.findByIdempotencyKey('k')).toBeUndefined();
    expect(await other.page('', 10)).toEqual([]);
    expect(await other.revoke(key.id, 5)).toBeUndefined();
    await other.recordUse(key.id, 5, 5);
    expect(await store.findByHash(hash)).toEqual(key);
  });
});
