import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Cache, type Leases, openCache } from '../src/index.ts';
import { type Detour, openDetour } from './fixture/detour.ts';
import { type Opened, providers } from './fixture/provider.ts';
import { enterRoom, type Room, redisAnswers, redisUrl } from './fixture/redis.ts';
import { collectReports } from './fixture/reports.ts';
import { type ControlledRuntime, createControlledRuntime } from './fixture/runtime.ts';

/** Long enough that no window of Redis ends while a test runs. */
const window = 600_000;

async function countAllowed(leases: Leases, key: string, tries: number): Promise<number> {
  const taken = await Promise.all(Array.from({ length: tries }, () => leases.take(key)));
  return taken.filter(({ allowed }) => allowed).length;
}

for (const { provider, answers, open } of providers) {
  describe.skipIf(!answers)(`leases in ${provider}`, () => {
    let opened: Opened;
    beforeEach(async () => {
      opened = await open();
    });
    afterEach(() => opened?.close());

    test('allow a key its limit and say when it has more', async () => {
      const leases = opened.cache.createLeases({ name: 'requests', limit: 25, window });
      expect(await leases.take('anna')).toEqual({ allowed: true, retryAfterMs: 0 });
      expect(await countAllowed(leases, 'anna', 100)).toBe(24);
      const { allowed, retryAfterMs } = await leases.take('anna');
      expect(allowed).toBe(false);
      expect(retryAfterMs).toBeGreaterThan(window / 2);
      expect(retryAfterMs).toBeLessThanOrEqual(window);
    });

    test('count keys and names apart', async () => {
      const leases = opened.cache.createLeases({ name: 'requests', limit: 3, window });
      const logins = opened.cache.createLeases({ name: 'logins', limit: 2, window });
      expect(await countAllowed(leases, 'anna', 9)).toBe(3);
      expect(await countAllowed(leases, 'ben', 9)).toBe(3);
      expect(await countAllowed(logins, 'anna', 9)).toBe(2);
    });

    test('allow the limit again in the next window', async () => {
      const leases = opened.cache.createLeases({ name: 'requests', limit: 4, window: 200 });
      expect((await leases.take('anna')).allowed).toBe(true);
      await vi.waitFor(async () => {
        for (let times = 0; times < 4; times++) await leases.take('anna');
        expect((await leases.take('anna')).allowed).toBe(false);
      });
      await vi.waitFor(async () => {
        opened.runtime.advance(200);
        expect((await leases.take('anna')).allowed).toBe(true);
      });
    });
  });
}

describe.skipIf(!redisAnswers)('leases that replicas share', () => {
  let room: Room;
  let detour: Detour;
  let runtime: ControlledRuntime;
  let one: Cache;
  let other: Cache;
  beforeEach(async () => {
    room = await enterRoom();
    detour = await openDetour();
    runtime = createControlledRuntime();
    const { report } = collectReports();
    one = await openCache({ url: detour.url, prefix: room.prefix, runtime, report });
    other = await openCache({ url: redisUrl, prefix: room.prefix, runtime: createControlledRuntime(), report });
  });
  afterEach(async () => {
    await Promise.all([one?.close(), other?.close()]);
    await detour?.close();
    await room?.leave();
  });

  test('allow the limit once, not once for each', async () => {
    const options = { name: 'requests', limit: 100, block: 7, window };
    const both = [one.createLeases(options), other.createLeases(options)];
    const allowed = await Promise.all(both.map((leases) => countAllowed(leases, 'anna', 200)));
    expect(allowed.reduce((sum, each) => sum + each)).toBe(100);
  });

  test('ask Redis once for a block, and not at all when a window has no more', async () => {
    const leases = one.createLeases({ name: 'requests', limit: 45, block: 10, window });
    const before = detour.count('eval');
    expect(await countAllowed(leases, 'anna', 45)).toBe(45);
    expect(await countAllowed(leases, 'anna', 45)).toBe(0);
    expect(detour.count('eval') - before).toBe(5);
  });

  test('give nothing more to a replica whose clock runs ahead', async () => {
    const leases = one.createLeases({ name: 'requests', limit: 10, window });
    expect(await countAllowed(leases, 'anna', 20)).toBe(10);
    runtime.advance(window);
    expect(await countAllowed(leases, 'anna', 20)).toBe(0);
  });

  test('are counted by each replica for itself while Redis is away, and together again when it is back', async () => {
    const options = { name: 'requests', limit: 20, window };
    const [here, there] = [one.createLeases(options), other.createLeases(options)];
    await detour.cut();
    await vi.waitFor(() => expect(one.status().status).toBe('degraded'));
    expect(await countAllowed(here, 'anna', 40)).toBe(20);
    expect(await countAllowed(there, 'anna', 40)).toBe(20);
    await detour.mend();
    await runtime.advanceUntil(() => expect(one.status().status).toBe('ok'));
    runtime.advance(window);
    await runtime.advanceUntil(() => expect(one.status().status).toBe('ok'));
    expect(await countAllowed(here, 'anna', 40)).toBe(0);
  });

  test('do not wait for a Redis that hangs longer than its deadline', async () => {
    const leases = one.createLeases({ name: 'requests', limit: 20, window });
    detour.stall();
    const allowed = countAllowed(leases, 'anna', 40);
    runtime.advance(250);
    expect(await allowed).toBe(20);
    expect(one.status().status).toBe('degraded');
  });
});
