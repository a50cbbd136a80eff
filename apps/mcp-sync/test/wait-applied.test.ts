import { createSignal, systemRuntime } from '@weave-nn/config';
import { describe, expect, test } from 'vitest';
import { createWaitApplied } from '../src/domain/wait-applied.ts';

function setUp() {
  const sequences = new Map<string, number>();
  const applied = createSignal();
  const wait = createWaitApplied({
    appliedSequence: async (path) => sequences.get(path) ?? 0,
    applied,
    runtime: systemRuntime,
  });
  return { sequences, applied, wait };
}

describe('waiting until a write is applied', () => {
  test('ends at once when it is already, or something newer', async () => {
    const { sequences, wait } = setUp();
    sequences.set('a.md', 3);
    expect(await wait('a.md', 3, 0)).toBe(true);
    expect(await wait('a.md', 2, 0)).toBe(true);
  });

  test('ends when this process applies it', async () => {
    const { sequences, applied, wait } = setUp();
    const waiting = wait('a.md', 2, 20_000);
    sequences.set('a.md', 1);
    applied.notify();
    sequences.set('a.md', 2);
    applied.notify();
    expect(await waiting).toBe(true);
  });

  test('ends when another replica applies it, which notifies nobody here', async () => {
    const { sequences, wait } = setUp();
    const waiting = wait('a.md', 1, 20_000);
    sequences.set('a.md', 1);
    expect(await waiting).toBe(true);
  });

  test('says so when the time is over', async () => {
    const { wait } = setUp();
    expect(await wait('a.md', 1, 20)).toBe(false);
  });
});
