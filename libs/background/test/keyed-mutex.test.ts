import { setImmediate } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { createKeyedMutex } from '../src/index.ts';

test('work that shares a key never runs at the same time, and other work does', async () => {
  const mutex = createKeyedMutex();
  const running = new Map<string, number>();
  let most = 0;
  async function work(keys: readonly string[]) {
    for (const key of new Set(keys)) {
      running.set(key, (running.get(key) ?? 0) + 1);
      expect(running.get(key)).toBe(1);
    }
    most = Math.max(most, [...running.values()].filter((count) => count > 0).length);
    await setImmediate();
    for (const key of new Set(keys)) running.set(key, 0);
  }
  const calls = [['a'], ['b'], ['b', 'a'], ['a', 'b', 'a'], ['c', 'a'], ['a', 'c'], ['b', 'c'], []];
  await Promise.all(calls.map((keys) => mutex.runExclusive(keys, () => work(keys))));
  expect(most).toBeGreaterThan(1);
});

test('work that fails lets the next one run', async () => {
  const mutex = createKeyedMutex();
  const fails = mutex.runExclusive(['a'], () => Promise.reject(new Error('no')));
  const next = mutex.runExclusive(['a'], async () => 'done');
  await expect(fails).rejects.toThrow('no');
  expect(await next).toBe('done');
});
