import type { CreateKeyRequest } from '@weave-nn/clients';
import { openDatabase } from '@weave-nn/database';
import { until } from '@weave-nn/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createKeyRing, type KeyRing, USE_INTERVAL } from '../src/domain/key-ring.ts';
import { createKeys } from '../src/domain/keys.ts';
import type { GatewayDatabase } from '../src/store/client.ts';
import { createKeyStore } from '../src/store/keys.ts';
import { openBreakableProxy } from './fixture/breakable-proxy.ts';
import { createClock, type MovableClock } from './fixture/clock.ts';
import { createPlace, type Place, providers } from './fixture/places.ts';

const defaultKey = 'the-key-of-the-settings';
const administrator = { id: 'key:default', role: 'admin', scopes: [] } as const;

describe.each(providers)('the key ring on $provider', ({ provider, answers }) => {
  if (!answers) {
    test.skip('the server does not answer');
    return;
  }
  let place: Place;
  let clock: MovableClock;
  let reports: string[];
  let lookUps: number;
  let writes: number;

  beforeEach(async () => {
    place = await createPlace(provider);
    clock = createClock();
    reports = [];
    lookUps = 0;
    writes = 0;
  });
  afterEach(() => place.remove());

  /** A ring as one replica has it, and the keys made there. */
  function replica(database: GatewayDatabase) {
    const store = createKeyStore(database, 'default');
    const ring = createKeyRing({
      defaultKey,
      find: (hash) => {
        lookUps++;
        return store.findByHash(hash);
      },
      recordUse: (id, at) => {
        writes++;
        return store.recordUse(id, at, at - USE_INTERVAL);
      },
      runtime: clock,
      report: (message) => reports.push(message),
    });
    const keys = createKeys({ store, ring, runtime: clock });
    async function make(request: Partial<CreateKeyRequest> = {}) {
      const { key, secret } = await keys.create({ name: 'test', role: 'reader', ...request }, administrator, null);
      return { id: key.id, secret: secret ?? '' };
    }
    return { store, ring, keys, make };
  }

  const lastUse = async ({ store }: ReturnType<typeof replica>) => (await store.page('', 1))[0]?.lastUsedAt;

  test('knows whose a key is', async () => {
    const { ring, make } = replica(place.database);
    const { id, secret } = await make({ role: 'editor', scopes: ['files:write'] });
    expect(await ring.identify(secret)).toEqual({ id: `key:${id}`, role: 'editor', scopes: ['files:write'] });
    expect(await ring.identify(defaultKey)).toEqual(administrator);
  });

  test('refuses what is no key without asking the database, and a key that was never made', async () => {
    const { ring, make } = replica(place.database);
    const { secret } = await make();
    for (const wrong of ['', 'wrong', `${defaultKey}x`, `${secret}x`, secret.slice(0, -1), secret.toUpperCase()]) {
      expect(await ring.identify(wrong)).toBe('key-wrong');
    }
    expect(lookUps).toBe(0);
    const otherId = secret.replace(/^weave_./, (begin) => `${begin.slice(0, -1)}f`);
    expect(await ring.identify(otherId)).toBe('key-wrong');
    expect(lookUps).toBe(1);
  });

  test('refuses a key from the moment of its expiry on', async () => {
    const { ring, make } = replica(place.database);
    const { id, secret } = await make({ expiresAt: new Date(clock.now() + 2_000).toISOString() });
    expect(await ring.identify(secret)).toMatchObject({ id: `key:${id}` });
    clock.advance(2_000);
    expect(await ring.identify(secret)).toBe('key-expired');
  });

  test('refuses a revoked key at once here, and within five seconds on another replica', async () => {
    const here = replica(place.database);
    const elsewhere = replica(await place.open());
    const { id, secret } = await here.make();
    for (const { ring } of [here, elsewhere]) expect(await ring.identify(secret)).toMatchObject({ id: `key:${id}` });
    await here.keys.revoke(id);
    expect(await here.ring.identify(secret)).toBe('key-revoked');
    clock.advance(5_000);
    expect(await elsewhere.ring.identify(secret)).toBe('key-revoked');
  });

  test('asks the database once for requests that come together or soon after one another', async () => {
    const { ring, make } = replica(place.database);
    const { secret } = await make();
    await Promise.all(Array.from({ length: 50 }, () => ring.identify(secret)));
    clock.advance(4_999);
    await ring.identify(secret);
    expect(lookUps).toBe(1);
    clock.advance(1);
    await ring.identify(secret);
    expect(lookUps).toBe(2);
  });

  test('notes the use of a key at most once a minute', async () => {
    const one = replica(place.database);
    const { secret } = await one.make();
    const first = clock.now();
    for (let second = 0; second < 59; second++) {
      await one.ring.identify(secret);
      await until('noted', async () => (await lastUse(one)) === first);
      clock.advance(1_000);
    }
    expect(writes).toBe(1);
    clock.advance(1_000);
    await one.ring.identify(secret);
    await until('noted again', async () => (await lastUse(one)) === first + 60_000);
    expect(writes).toBe(2);
  });

  test('lets in although a use cannot be noted, and reports that', async () => {
    const one = replica(place.database);
    const { id, secret } = await one.make();
    await place.database.transaction((sql) => sql.run('ALTER TABLE api_key RENAME COLUMN last_used_at TO moved'));
    const store = createKeyStore(place.database, 'default');
    const ring = createKeyRing({
      defaultKey,
      find: async () => ({
        id,
        principalId: `key:${id}`,
        prefix: '',
        name: '',
        role: 'reader',
        scopes: [],
        createdAt: 0,
        expiresAt: null,
        lastUsedAt: null,
        revokedAt: null,
      }),
      recordUse: (used, at) => store.recordUse(used, at, at),
      runtime: clock,
      report: (message) => reports.push(message),
    });
    expect(await ring.identify(secret)).toMatchObject({ id: `key:${id}` });
    await until('reported', () => reports.length === 1);
    expect(reports[0]).toContain(id);
  });

  describe('while the database is away', () => {
    let away: { ring: KeyRing; leave(): Promise<void>; end(): Promise<void> };

    beforeEach(async () => {
      if (provider === 'sqlite') {
        const database = await place.open();
        away = { ring: replica(database).ring, leave: () => database.close(), end: async () => {} };
        return;
      }
      const passage = await openBreakableProxy(place.options.url);
      const database: GatewayDatabase = await openDatabase({ ...place.options, url: passage.url });
      away = { ring: replica(database).ring, leave: passage.close, end: () => database.close() };
    });
    afterEach(() => away.end());

    test('lets in the key of the settings, and says of others why it does not know', async () => {
      const { secret } = await replica(place.database).make();
      expect(await away.ring.identify(secret)).toMatchObject({ role: 'reader' });
      await away.leave();
      clock.advance(5_000);
      expect(await away.ring.identify(defaultKey)).toEqual(administrator);
      expect(await away.ring.identify('wrong')).toBe('key-wrong');
      await expect(away.ring.identify(secret)).rejects.toMatchObject({
        code: provider === 'sqlite' ? 'database-closed' : 'database-unreachable',
      });
    });
  });
});
