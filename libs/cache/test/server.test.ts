import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Cache, openCache } from '../src/index.ts';
import { countComputations } from './fixture/counting.ts';
import { collectReports, type Reports } from './fixture/reports.ts';
import { type ControlledRuntime, createControlledRuntime } from './fixture/runtime.ts';
import { hasServer, type Server, startServer } from './fixture/server.ts';

describe.skipIf(!hasServer)('on a Redis of its own, a cache', () => {
  let server: Server;
  let runtime: ControlledRuntime;
  let reports: Reports;
  let cache: Cache;
  const open = (url: string) => openCache({ url, prefix: 'weave', runtime, report: reports.report });
  beforeEach(async () => {
    server = await startServer();
    runtime = createControlledRuntime();
    reports = collectReports();
    cache = await open(server.url);
  });
  afterEach(async () => {
    await cache?.close();
    await server?.remove();
  });

  const becomes = (status: 'ok' | 'degraded') => runtime.advanceUntil(() => expect(cache.status().status).toBe(status));

  test('uses nothing of before a restart, since the server may have come up without the last invalidations', async () => {
    const get = countComputations(cache, 'a', ['x']);
    await get();
    await server.redis.save();
    await cache.invalidate(['x']);
    await server.kill();
    await vi.waitFor(() => expect(cache.status().status).toBe('degraded'));
    await server.start();
    expect(await server.redis.exists('weave:value:a')).toBe(1);
    await becomes('ok');
    expect(await get()).toBe(2);
  });

  test('keeps its values when only the connection was lost', async () => {
    const get = countComputations(cache, 'a', ['x']);
    await get();
    await server.redis.call('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    await vi.waitFor(() => expect(cache.status().status).toBe('degraded'));
    await becomes('ok');
    expect(await get()).toBe(1);
  });

  test('goes on in memory while the server takes no writes', async () => {
    await server.redis.config('SET', 'maxmemory', '1');
    const get = countComputations(cache, 'a');
    expect(await get()).toBe(1);
    expect(cache.status().detail).toMatch(/OOM/);
    expect([await get(), await get()]).toEqual([2, 2]);
    await runtime.advanceUntil(() => expect(cache.status().detail).toMatch(/OOM/));
    expect(reports.messages).toHaveLength(1);
    await server.redis.config('SET', 'maxmemory', '0');
    await becomes('ok');
  });

  test('gives the password of the address, and never says it', async () => {
    await server.redis.config('SET', 'requirepass', 'p@ss word');
    const right = await open(server.url.replace('//', '//:p%40ss%20word@'));
    expect(right.status().status).toBe('ok');
    await right.close();
    const wrong = await open(server.url.replace('//', '//default:unguessed@'));
    expect(wrong.status()).toMatchObject({ status: 'degraded', detail: expect.stringMatching(/WRONGPASS/) });
    await wrong.close();
    expect(reports.messages).toHaveLength(1);
    expect(reports.everything()).not.toMatch(/unguessed|p@ss|p%40ss/);
  });

  test('uses the database of the address', async () => {
    const apart = await open(`${server.url}/3`);
    await apart.getOrCompute('a', { ttl: 60_000 }, () => 1);
    await apart.close();
    await server.redis.select(3);
    expect(await server.redis.exists('weave:value:a')).toBe(1);
  });
});
