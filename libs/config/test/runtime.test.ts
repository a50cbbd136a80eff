import { describe, expect, test } from 'vitest';
import { backoff, pause, systemRuntime } from '../src/index.ts';

describe('the runtime', () => {
  test('waits grow, are bounded, and are partly left to chance', () => {
    const atLeast = { ...systemRuntime, random: () => 0 };
    const atMost = { ...systemRuntime, random: () => 0.999999 };
    expect([1, 2, 3, 20].map((attempt) => backoff(atLeast, attempt, 100, 1000))).toEqual([50, 100, 200, 500]);
    expect(backoff(atMost, 20, 100, 1000)).toBeCloseTo(1000, 1);
  });

  test('a pause ends when its signal does', async () => {
    const stop = new AbortController();
    const waiting = pause(systemRuntime, 60_000, stop.signal);
    stop.abort();
    await waiting;
    await pause(systemRuntime, 60_000, stop.signal);
  });

  test('identifiers are UUIDv7, each greater than the one before', () => {
    const ids = Array.from({ length: 100 }, () => systemRuntime.uuid());
    expect(ids).toEqual([...ids].sort());
    expect(ids[0]).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7/);
  });
});
