import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { beforeEach, describe, expect, test } from 'vitest';
import { type MemoryLimits, openCache } from '../src/index.ts';
import { countComputations } from './fixture/counting.ts';
import { collectReports } from './fixture/reports.ts';
import { type ControlledRuntime, createControlledRuntime } from './fixture/runtime.ts';

describe('a cache in memory', () => {
  let runtime: ControlledRuntime;
  beforeEach(() => {
    runtime = createControlledRuntime();
  });
  const open = (memory: MemoryLimits) =>
    openCache({ prefix: 'unused', runtime, report: collectReports().report, memory });

  test('lets go of the least recently used beyond its number of entries', async () => {
    const cache = await open({ entries: 2, bytes: 1_000_000 });
    const [a, b, c] = [countComputations(cache, 'a'), countComputations(cache, 'b'), countComputations(cache, 'c')];
    await a();
    await b();
    await a();
    await c();
    expect([await a(), await c(), await b()]).toEqual([1, 1, 2]);
  });

  test('lets go of the least recently used beyond its bytes, and keeps nothing larger than all of them', async () => {
    const cache = await open({ entries: 100, bytes: 5_000 });
    const get = (key: string, length: number) => cache.getOrCompute(key, { ttl: 1_000 }, () => 'x'.repeat(length));
    const small = countComputations(cache, 'small');
    await small();
    await get('huge', 5_000);
    expect(await small()).toBe(1);
    await get('half', 1_150);
    await get('other half', 1_150);
    expect(await small()).toBe(2);
  });

  test('ends values up to a tenth early, as chance has it', async () => {
    const cache = await open({ entries: 100, bytes: 1_000_000 });
    const get = countComputations(cache, 'a', [], 1_000);
    runtime.chance = 1;
    await get();
    runtime.advance(899);
    expect(await get()).toBe(1);
    runtime.advance(1);
    runtime.chance = 0;
    expect(await get()).toBe(2);
    runtime.advance(999);
    expect(await get()).toBe(2);
  });

  test('stays small however many tags are invalidated', async () => {
    const cache = await open({ entries: 100, bytes: 1_000_000 });
    const get = countComputations(cache, 'a', ['tag 0']);
    await get();
    await cache.invalidate(['tag 0']);
    await cache.invalidate(Array.from({ length: 50_001 }, (_, index) => `tag ${index}`));
    expect([await get(), await get()]).toEqual([2, 2]);
  });

  test('does not load the Redis client', async () => {
    const script = `
      import { createRequire } from 'node:module';
      import { systemRuntime } from '@weave-nn/config';
      import { openCache } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)};
      await openCache({ prefix: 'unused', runtime: systemRuntime, report: console.error });
      const { cache } = createRequire(import.meta.url);
      console.log(Object.keys(cache).filter((file) => file.includes('ioredis')).length);`;
    const args = ['--input-type=module', '--eval', script];
    const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: import.meta.dirname });
    expect(stdout.trim()).toBe('0');
  });
});
