import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Cache, openCache } from '../src/index.ts';
import { countComputations } from './fixture/counting.ts';
import { enterRoom, type Room, redisAnswers, redisUrl } from './fixture/redis.ts';
import { collectReports, type Reports } from './fixture/reports.ts';
import { createControlledRuntime } from './fixture/runtime.ts';

describe.skipIf(!redisAnswers)('replicas that share a Redis', () => {
  let room: Room;
  let one: Cache;
  let other: Cache;
  let reports: Reports;
  const opened: Cache[] = [];
  async function open(prefix: string) {
    const runtime = createControlledRuntime();
    const cache = await openCache({ url: redisUrl, prefix, runtime, report: reports.report });
    opened.push(cache);
    return cache;
  }
  beforeEach(async () => {
    room = await enterRoom();
    reports = collectReports();
    [one, other] = [await open(room.prefix), await open(room.prefix)];
  });
  afterEach(async () => {
    await Promise.all(opened.splice(0).map((cache) => cache.close()));
    await room?.leave();
    expect(reports.messages).toEqual([]);
  });

  test('use what one of them has computed', async () => {
    await one.getOrCompute('a', { ttl: 60_000, tags: ['x'] }, () => 'by one');
    expect(await other.getOrCompute('a', { ttl: 60_000, tags: ['x'] }, () => 'by other')).toBe('by one');
  });

  test('drop what one of them invalidates or deletes', async () => {
    const get = countComputations(other, 'a', ['x']);
    await get();
    await one.invalidate(['x']);
    expect(await get()).toBe(2);
    await one.delete('a');
    expect(await get()).toBe(3);
  });

  test('do not use what was computed before one of them invalidated it', async () => {
    const { promise, resolve } = Promise.withResolvers<string>();
    const compute = vi.fn(() => promise);
    const before = other.getOrCompute('a', { ttl: 60_000, tags: ['x'] }, compute);
    await vi.waitFor(() => expect(compute).toHaveBeenCalled());
    await one.invalidate(['x']);
    resolve('old');
    await before;
    expect(await one.getOrCompute('a', { ttl: 60_000, tags: ['x'] }, () => 'new')).toBe('new');
  });

  test('leave those with another prefix alone', async () => {
    const apart = await open(`${room.prefix}-apart`);
    const [here, there] = [countComputations(one, 'a', ['x']), countComputations(apart, 'a', ['x'])];
    await Promise.all([here(), there()]);
    await one.invalidate(['x']);
    expect(await Promise.all([here(), there()])).toEqual([2, 1]);
  });

  test('leave nothing in Redis that stays for ever, except which run of it they know', async () => {
    await one.getOrCompute('a', { ttl: 60_000, tags: ['x'] }, () => 1);
    await one.invalidate(['y']);
    await one.createLeases({ name: 'requests', limit: 10 }).take('anna');
    const lives = new Map<string, number>();
    for (const name of await room.redis.keys(`${room.prefix}:*`)) lives.set(name, await room.redis.pttl(name));
    const value = lives.get(`${room.prefix}:value:a`);
    expect(value).toBeGreaterThan(50_000);
    expect(value).toBeLessThanOrEqual(57_000);
    const forEver = [...lives].filter(([, life]) => life === -1).map(([name]) => name);
    expect(forEver).toEqual([`${room.prefix}:run`]);
  });

  test('compute anew when Redis has evicted a version that values depend on', async () => {
    const get = countComputations(one, 'a', ['x']);
    await get();
    await room.redis.del(`${room.prefix}:tag:x`);
    expect([await get(), await get()]).toEqual([2, 2]);
    await room.redis.del(`${room.prefix}:epoch`);
    expect([await get(), await get()]).toEqual([3, 3]);
  });
});
