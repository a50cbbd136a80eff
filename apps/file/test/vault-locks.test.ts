import { type Runtime, systemRuntime } from '@weave-nn/config';
import type { Database } from '@weave-nn/database';
import { until } from '@weave-nn/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Caller, createRequestDeadline } from '../src/domain/locks/request-deadline.ts';
import { createVaultLocks } from '../src/domain/locks/vault-locks.ts';
import { createLockRows } from '../src/store/lock-rows.ts';
import { createReplica } from '../src/store/replica.ts';
import { createPlace, type Place, providers } from './fixture/places.ts';

const DURATION = 600;
/** As if this process led. */
const leading = { signal: new AbortController().signal, fence: async () => {}, assertHeld: () => {} };

/** A runtime whose timers never fire, as in a process that hangs. */
const hanging: Runtime = { ...systemRuntime, after: () => ({ cancel() {} }) };

describe.each(providers)('locks of paths on $provider', ({ provider, answers }) => {
  if (!answers) {
    test.skip('the server does not answer');
    return;
  }
  let place: Place;
  let stops: (() => Promise<void>)[];

  beforeEach(async () => {
    place = await createPlace(provider);
    stops = [];
  });
  afterEach(async () => {
    for (const stop of stops.reverse()) await stop();
    await place.remove();
  });

  /** A process that shares the vault. */
  async function startProcess(
    runtime: Runtime = systemRuntime,
    connect = (database: Database) => database,
    caller: () => Caller = () => ({}),
  ) {
    const database: Database = await place.open();
    const report = () => {};
    const replica = createReplica({ database, vaultId: 'v', runtime, report, duration: DURATION });
    const rows = createLockRows(connect(database), 'v');
    const locks = createVaultLocks({
      replica,
      rows: provider === 'postgresql' ? rows : undefined,
      requestDeadline: createRequestDeadline({ runtime, caller }),
      runtime,
      report,
    });
    replica.start();
    stops.push(replica.stop, locks.close);
    return { ...locks, database, replica, rows };
  }
  type Process = Awaited<ReturnType<typeof startProcess>>;

  const rowsOf = () => place.database.read.all<{ path: string; wanted: number }>('SELECT * FROM path_lock');

  /** Many pieces of work on a few paths, spread over processes; fails when two have a path at once. */
  async function crowd(processes: readonly Process[]): Promise<number> {
    const inside = new Set<string>();
    let done = 0;
    await Promise.all(
      Array.from({ length: 120 }, async (_, index) => {
        const keys = [index % 5, (index * 7) % 5, (index * 3 + 1) % 5].map((number) => `${number}.md`);
        const held = await (processes[index % processes.length] as Process).take(keys);
        for (const key of new Set(keys)) {
          expect(inside.has(key)).toBe(false);
          inside.add(key);
        }
        await place.database.check();
        for (const key of keys) inside.delete(key);
        done++;
        held.release();
      }),
    );
    return done;
  }

  test('let one piece of work at a time have a path', async () => {
    expect(await crowd([await startProcess()])).toBe(120);
    await until('all is released', async () => (await rowsOf()).length === 0);
  });

  test('are taken without waiting only while nobody has them', async () => {
    const { take, takeNow } = await startProcess();
    const held = await take(['a.md', 'b.md']);
    expect(await takeNow('a.md')).toBeNull();
    const other = await takeNow('c.md');
    other?.release();
    held.release();
    held.release();
    await until('it is free', async () => {
      const now = await takeNow('a.md');
      now?.release();
      return now;
    });
  });

  if (provider === 'sqlite') {
    test('cost no statement where one process has the vault to itself', async () => {
      const { take } = await startProcess();
      const held = await take(['a.md']);
      expect(await rowsOf()).toEqual([]);
      expect(await place.database.read.all('SELECT * FROM lease')).toEqual([]);
      held.release();
    });
    return;
  }

  test('keep several processes off each other, whatever the order in which they ask', async () => {
    expect(await crowd([await startProcess(), await startProcess(), await startProcess()])).toBe(120);
    await until('all is released', async () => (await rowsOf()).length === 0);
  });

  test('go to a process that waits, though another always wants them again', async () => {
    const [greedy, patient] = [await startProcess(), await startProcess()];
    let isServed = false;
    let held = await greedy.take(['b.md']);
    const waiting = patient.take(['a.md', 'b.md']).then((theirs) => {
      isServed = true;
      theirs.release();
    });
    await until('it waits', async () => (await rowsOf()).some(({ wanted }) => wanted === 1));
    while (!isServed) {
      held.release();
      held = await greedy.take(['b.md']);
    }
    held.release();
    await waiting;
  });

  test('that another process has are left out of a scan', async () => {
    const [writer, leader] = [await startProcess(), await startProcess()];
    const held = await writer.take(['b.md']);
    const scan = await leader.takeFree(['a.md', 'b.md', 'c.md']);
    expect([...scan.taken].sort()).toEqual(['a.md', 'c.md']);
    expect(await leader.takeNow('b.md')).toBeNull();
    expect(await writer.takeNow('a.md')).toBeNull();
    scan.held.release();
    held.release();
    (await writer.take(['a.md', 'b.md', 'c.md'])).release();
  });

  test('are given up after a while, with a sentence, and nothing stays taken', async () => {
    let offset = 0;
    const [writer, other] = [
      await startProcess(),
      await startProcess({ ...systemRuntime, monotonic: () => systemRuntime.monotonic() + offset }),
    ];
    const held = await writer.take(['b.md']);
    const waiting = other.take(['a.md', 'b.md', 'c.md']);
    await until('it waits', async () => (await rowsOf()).some(({ wanted }) => wanted === 1));
    expect((await rowsOf()).map(({ path }) => path).sort()).toEqual(['a.md', 'b.md']);
    offset = 60_000;
    await expect(waiting).rejects.toMatchObject({ code: 'file-busy', message: expect.stringContaining('try again') });
    await until('what it had taken is free', async () => (await rowsOf()).every(({ path }) => path === 'b.md'));
    held.release();
  });

  test('are waited for no longer than the caller has time or is there, and then go to the next', async () => {
    let caller: Caller = {};
    const one = await startProcess(systemRuntime, undefined, () => caller);
    const held = await one.take(['a.md']);
    caller = { deadline: systemRuntime.monotonic() + 50 };
    await expect(one.take(['0.md', 'a.md'])).rejects.toMatchObject({ code: 'write-pending' });
    const gone = new AbortController();
    caller = { signal: gone.signal };
    const waiting = one.take(['a.md']);
    gone.abort();
    await expect(waiting).rejects.toMatchObject({ code: 'write-pending' });
    caller = {};
    (await one.take(['0.md'])).release();
    const next = one.take(['a.md']);
    held.release();
    (await next).release();
  });

  test('that stay taken do not keep a scan from the others', async () => {
    const one = await startProcess();
    const held = await one.take(['a.md']);
    const { held: free, taken } = await one.takeFree(['a.md', 'b.md']);
    expect([...taken]).toEqual(['b.md']);
    free.release();
    held.release();
  });

  test('are let go when the connection is lost before the answer comes, though they were taken', async () => {
    let isLost = true;
    const cutOff = (database: Database): Database => ({
      ...database,
      async transaction(work) {
        const result = await database.transaction(work);
        if (!isLost) return result;
        isLost = false;
        throw new Error('the connection was lost');
      },
    });
    const [unlucky, other] = [await startProcess(systemRuntime, cutOff), await startProcess()];
    for (const ask of [
      () => unlucky.take(['a.md', 'b.md']),
      () => unlucky.takeFree(['a.md', 'b.md']),
      () => unlucky.takeNow('a.md'),
    ]) {
      isLost = true;
      await expect(ask()).rejects.toThrow('the connection was lost');
      (await other.take(['a.md', 'b.md'])).release();
    }
    await until('all is released', async () => (await rowsOf()).length === 0);
  });

  test('of a dead process stay until they are let go for it, and it can do nothing when it wakes up', async () => {
    const [dead, living] = [await startProcess(hanging), await startProcess()];
    const held = await dead.take(['a.md']);
    const waiting = living.take(['a.md']);
    expect(await living.replica.living()).toContain(held.life.owner);
    await until('it is buried', async () => {
      await living.replica.buryLapsed(leading);
      return !(await living.replica.living()).has(held.life.owner);
    });
    expect(await living.rows.owners()).toEqual([held.life.owner]);
    await expect(dead.database.transaction((sql) => held.life.fence(sql))).rejects.toMatchObject({ code: 'file-busy' });
    await expect(dead.take(['b.md'])).rejects.toMatchObject({ code: 'file-busy' });
    await living.rows.releaseAll(leading, [held.life.owner]);
    (await waiting).release();
  });

  test('of a process that could not say that it lives are not its own when it can again', async () => {
    const [away, other] = [await startProcess(), await startProcess()];
    const held = await away.take(['a.md']);
    await place.database.transaction((sql) => sql.run('ALTER TABLE lease RENAME TO away'));
    await until('it gives up', () => held.life.signal.aborted);
    await place.database.transaction((sql) => sql.run('ALTER TABLE away RENAME TO lease'));
    const again = await away.take(['b.md']);
    expect(again.life.owner).not.toBe(held.life.owner);
    held.release();
    again.release();
    expect((await other.takeFree(['a.md'])).taken.size).toBe(0);
  });
});
