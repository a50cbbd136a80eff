import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Cache, openCache } from '../src/index.ts';
import { countComputations } from './fixture/counting.ts';
import { type Detour, openDetour } from './fixture/detour.ts';
import { enterRoom, type Room, redisAnswers, redisUrl } from './fixture/redis.ts';
import { collectReports, type Reports } from './fixture/reports.ts';
import { type ControlledRuntime, createControlledRuntime } from './fixture/runtime.ts';

const AWAY = 'Redis is away; this process caches and limits by itself until it is back';

describe.skipIf(!redisAnswers)('while Redis is away, a cache', () => {
  let room: Room;
  let detour: Detour;
  let runtime: ControlledRuntime;
  let reports: Reports;
  let cache: Cache;
  let other: Cache;
  beforeEach(async () => {
    room = await enterRoom();
    detour = await openDetour();
    runtime = createControlledRuntime();
    reports = collectReports();
    const { prefix } = room;
    cache = await openCache({ url: detour.url, prefix, runtime, report: reports.report });
    other = await openCache({ url: redisUrl, prefix, runtime: createControlledRuntime(), report: reports.report });
  });
  afterEach(async () => {
    await Promise.all([cache?.close(), other?.close()]);
    await detour?.close();
    await room?.leave();
  });

  const degraded = () => vi.waitFor(() => expect(cache.status().status).toBe('degraded'));
  const back = () => runtime.advanceUntil(() => expect(cache.status().status).toBe('ok'));
  async function cut() {
    await detour.cut();
    await degraded();
  }
  async function mend() {
    await detour.mend();
    await back();
  }

  test('starts all the same, says so, and finds it later', async () => {
    await detour.cut();
    const late = await openCache({ url: detour.url, prefix: room.prefix, runtime, report: reports.report });
    expect(late.status()).toMatchObject({ status: 'degraded', detail: expect.stringMatching(/ECONNREFUSED.*itself/) });
    const get = countComputations(late, 'a');
    expect([await get(), await get()]).toEqual([1, 1]);
    await detour.mend();
    await runtime.advanceUntil(() => expect(late.status().status).toBe('ok'));
    await late.close();
  });

  test('goes on in memory and reports each change once, however many ask', async () => {
    await cut();
    const get = countComputations(cache, 'a');
    expect(await Promise.all([get(), get(), get()])).toEqual([1, 1, 1]);
    expect(await get()).toBe(1);
    expect(reports.messages).toEqual([AWAY]);
    await mend();
    expect(reports.messages).toEqual([AWAY, expect.stringMatching(/is used again$/)]);
  });

  test('does not report again that a Redis it has lost is still away', async () => {
    await cut();
    for (const port of [1, 2, 3]) {
      runtime.advance(10_000 * port);
      await vi.waitFor(() => expect(cache.status().detail).toMatch(/ECONNREFUSED/));
    }
    expect(reports.messages).toEqual([AWAY]);
  });

  test('lets an answer that does not come hold nobody longer than its deadline', async () => {
    detour.stall();
    const get = countComputations(cache, 'a');
    const waiting = [get(), get()];
    runtime.advance(250);
    expect(await Promise.all(waiting)).toEqual([1, 1]);
    expect(cache.status().detail).toMatch(/no answer within 250 ms/);
    expect(await get()).toBe(1);
    expect(reports.messages).toEqual([AWAY]);
    detour.resume();
    await back();
  });

  test('notices it also when nobody asks for anything', async () => {
    detour.stall();
    await runtime.advanceUntil(() => expect(cache.status().status).toBe('degraded'));
  });

  test('gives the value when the time to keep it in Redis is over', async () => {
    const { promise, resolve } = Promise.withResolvers<number>();
    const compute = vi.fn(() => promise);
    const value = cache.getOrCompute('a', { ttl: 1_000 }, compute);
    await vi.waitFor(() => expect(compute).toHaveBeenCalled());
    detour.stall();
    resolve(1);
    await runtime.advanceUntil(() => expect(cache.status().status).toBe('degraded'));
    expect(await value).toBe(1);
  });

  test('keeps values for seconds only, since it does not hear what others change', async () => {
    await cut();
    const get = countComputations(cache, 'a', [], 60_000);
    await get();
    runtime.advance(4_000);
    expect(await get()).toBe(1);
    runtime.advance(1_000);
    expect(await get()).toBe(2);
  });

  test('forgets on its return what it kept meanwhile', async () => {
    await cut();
    await cache.getOrCompute('a', { ttl: 60_000 }, () => 'kept while away');
    await other.getOrCompute('a', { ttl: 60_000 }, () => 'from another replica');
    await detour.mend();
    runtime.advance(100);
    await vi.waitFor(() => expect(cache.status().status).toBe('ok'));
    expect(await cache.getOrCompute('a', { ttl: 60_000 }, () => 'lost')).toBe('from another replica');
    await cut();
    expect(await cache.getOrCompute('a', { ttl: 60_000 }, () => 'new')).toBe('new');
  });

  test('drops for everybody, on its return, what it could not drop', async () => {
    const tagged = { ttl: 60_000, tags: ['x'] };
    await cache.getOrCompute('tagged', tagged, () => 'old');
    await cache.getOrCompute('plain', { ttl: 60_000 }, () => 'old');
    await cache.getOrCompute('left', { ttl: 60_000 }, () => 'old');
    await cut();
    await cache.invalidate(['x']);
    await cache.delete('plain');
    await mend();
    expect(await other.getOrCompute('tagged', tagged, () => 'new')).toBe('new');
    expect(await cache.getOrCompute('tagged', tagged, () => 'lost')).toBe('new');
    expect(await cache.getOrCompute('plain', { ttl: 60_000 }, () => 'new')).toBe('new');
    expect(await cache.getOrCompute('left', { ttl: 60_000 }, () => 'lost')).toBe('old');
  });

  test('drops on its return what Redis was told and did not confirm', async () => {
    const tagged = { ttl: 60_000, tags: ['x'] };
    await cache.getOrCompute('a', tagged, () => 'old');
    detour.stall();
    const invalidated = cache.invalidate(['x']);
    runtime.advance(250);
    await invalidated;
    expect(await cache.getOrCompute('a', tagged, () => 'from memory')).toBe('from memory');
    detour.resume();
    await back();
    expect(await cache.getOrCompute('a', tagged, () => 'new')).toBe('new');
  });

  test('drops before it reads again also what is invalidated while it returns', async () => {
    const tagged = { ttl: 60_000, tags: ['x'] };
    await cache.getOrCompute('a', tagged, () => 'old');
    await cut();
    detour.stall('answers');
    await detour.mend();
    const before = detour.count('info');
    await runtime.advanceUntil(() => expect(detour.count('info')).toBeGreaterThan(before));
    await cache.invalidate(['x']);
    detour.resume();
    await vi.waitFor(() => expect(cache.status().status).toBe('ok'));
    expect(await cache.getOrCompute('a', tagged, () => 'new')).toBe('new');
  });

  test('drops everything on its return when it has more to drop than it can remember', async () => {
    const get = countComputations(cache, 'a');
    await get();
    await cut();
    await cache.invalidate(Array.from({ length: 1_001 }, (_, index) => `tag ${index}`));
    await mend();
    expect(await get()).toBe(2);
  });

  test('does not keep what it began to compute before and invalidated meanwhile', async () => {
    const tagged = { ttl: 60_000, tags: ['x'] };
    const { promise, resolve } = Promise.withResolvers<string>();
    const compute = vi.fn(() => promise);
    const before = cache.getOrCompute('a', tagged, compute);
    await vi.waitFor(() => expect(compute).toHaveBeenCalled());
    await cut();
    await cache.invalidate(['x']);
    await mend();
    resolve('old');
    expect(await before).toBe('old');
    expect(await cache.getOrCompute('a', tagged, () => 'new')).toBe('new');
  });

  test('closes without waiting for it', async () => {
    detour.stall();
    await cache.close();
    await detour.cut();
    expect(reports.messages).toEqual([]);
  });
});
