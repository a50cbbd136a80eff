import { setTimeout } from 'node:timers/promises';
import { systemRuntime } from '@weave-nn/config';
import { until } from '@weave-nn/testing';
import { describe, expect, test } from 'vitest';
import { startWorker } from '../src/index.ts';
import { createBackgroundPlace, createLog, providers } from './fixture/place.ts';

const LONG = 3_600_000;

describe('a worker', () => {
  test('begins at once, goes on when it is woken, and misses no wake-up that comes during a round', async () => {
    let rounds = 0;
    const entered = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
    const gate = Promise.withResolvers<void>();
    const worker = startWorker({
      name: 'counting',
      runtime: systemRuntime,
      log: createLog(),
      intervalMs: LONG,
      async run() {
        entered[rounds++]?.resolve();
        if (rounds === 2) await gate.promise;
      },
    });
    await entered[0]?.promise;
    worker.wake();
    await entered[1]?.promise;
    worker.wake();
    gate.resolve();
    await entered[2]?.promise;
    await worker.stop();
    expect(rounds).toBe(3);
  });

  test('waits as long as a round says', async () => {
    let rounds = 0;
    const worker = startWorker({
      name: 'quick',
      runtime: systemRuntime,
      log: createLog(),
      intervalMs: LONG,
      run: async () => (++rounds < 5 ? 0 : undefined),
    });
    await until('five rounds', () => rounds === 5);
    await worker.stop();
  });

  test('repeats a failed round, and logs the same failure once and that it is over', async () => {
    const log = createLog();
    const rounds: [string, string][] = [];
    let failures = 0;
    const worker = startWorker({
      name: 'failing',
      runtime: systemRuntime,
      log,
      intervalMs: LONG,
      initialBackoffMs: 1,
      observeRound: (name, outcome) => rounds.push([name, outcome]),
      async run() {
        if (++failures <= 3) throw new Error('not yet');
      },
    });
    await until('it succeeded', () => rounds.length === 4);
    expect(rounds.map(([, outcome]) => outcome)).toEqual(['failed', 'failed', 'failed', 'succeeded']);
    expect(worker.lastError()).toBeUndefined();
    expect(log.messages).toEqual(['background work failed; it is repeated', 'background work succeeds again']);
    await worker.stop();
  });

  test('ends its round at a stop, and begins no other one', async () => {
    let isEnded = false;
    const worker = startWorker({
      name: 'long',
      runtime: systemRuntime,
      log: createLog(),
      intervalMs: 1,
      async run({ signal }) {
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
        await setTimeout(20);
        isEnded = true;
      },
    });
    await worker.stop();
    expect(isEnded).toBe(true);
  });
});

describe.for(providers)('a worker with a lease on $provider', ({ provider, answers }) => {
  test.skipIf(!answers || provider === 'sqlite')(
    'works in one process at a time, and ends its term before it',
    async () => {
      const place = await createBackgroundPlace(provider);
      const active = new Set<string>();
      let most = 0;
      let ends = 0;
      const start = async (name: string) => {
        const database = await place.open();
        return startWorker({
          name,
          runtime: systemRuntime,
          log: createLog(),
          intervalMs: 5,
          lease: { database, name: 'shared', durationMs: 2_000 },
          async run() {
            active.add(name);
            most = Math.max(most, active.size);
          },
          async onTermEnd() {
            await setTimeout(50);
            active.delete(name);
            ends++;
          },
        });
      };
      const one = await start('one');
      await until('the first works', () => active.has('one'));
      const other = await start('other');
      await one.stop();
      await until('the other works', () => active.has('other'));
      expect(most).toBe(1);
      await other.stop();
      expect(ends).toBe(2);
      await place.remove();
    },
  );
});
