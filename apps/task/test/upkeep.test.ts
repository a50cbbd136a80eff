import { type Runtime, systemRuntime } from '@weave-nn/config';
import { createOutbox } from '@weave-nn/events';
import { until } from '@weave-nn/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { blankTask } from '../src/domain/change/task-change.ts';
import { createDays } from '../src/domain/days.ts';
import type { StoredTask } from '../src/domain/stored-task.ts';
import { createUpkeep } from '../src/domain/upkeep.ts';
import type { TaskDatabase } from '../src/store/client.ts';
import { createPinStore } from '../src/store/pins.ts';
import { createRequestStore } from '../src/store/requests.ts';
import { createTaskStore } from '../src/store/tasks.ts';
import { createTransactions } from '../src/store/transaction.ts';
import { createPlace, type Place, providers } from './fixture/places.ts';

const VAULT = 'default';
const DAY = 24 * 3_600_000;
const START = Date.parse('2027-03-01T12:00:00Z');
const LEASE = 600;

interface Told {
  type: string;
  subject: string;
}

describe.each(providers)('what is due on $provider', ({ provider, answers }) => {
  if (!answers) {
    test.skip('the server does not answer');
    return;
  }
  let place: Place;
  let clock: { now: number };
  let running: { stop(): Promise<void> }[];

  beforeEach(async () => {
    place = await createPlace(provider);
    clock = { now: START };
    running = [];
  });
  afterEach(async () => {
    await Promise.all(running.map((each) => each.stop()));
    await place.remove();
  });

  /** What one process does by itself. */
  function startProcess(database: TaskDatabase) {
    const runtime: Runtime = { ...systemRuntime, now: () => clock.now };
    const upkeep = createUpkeep({
      database: createTransactions(database),
      tasks: createTaskStore(database, VAULT),
      pins: createPinStore(database, VAULT),
      requests: createRequestStore(database, VAULT),
      outbox: createOutbox({ source: `/${VAULT}/task`, runtime, provider }),
      workers: { runtime, log: { info: () => undefined, warn: () => undefined } },
      lease: { database, name: 'upkeep', durationMs: LEASE },
      days: createDays(runtime, 'UTC'),
      soon: 1,
      wakeRelay: () => undefined,
    });
    upkeep.start();
    const process = { wake: upkeep.wake, stop: upkeep.stop };
    running.push(process);
    return process;
  }

  async function addTasks(...given: (Partial<StoredTask> & { id: string })[]) {
    const tasks = given.map((task) => ({ ...blankTask(task.id, START), title: task.id, ...task }));
    await place.database.transaction((sql) => createTaskStore(place.database, VAULT).add(sql, tasks));
  }

  async function told(): Promise<string[]> {
    const rows = await place.database.read.all<{ body: string }>('SELECT body FROM outbox ORDER BY position');
    return rows
      .map(({ body }) => JSON.parse(body) as Told)
      .map(({ type, subject }) => `${type} ${subject}`)
      .sort();
  }

  test('is told once by however many processes, and the day that passed while none ran at the next start', async () => {
    const many = Array.from({ length: 1_200 }, (_, index) => ({ id: `many-${index}`, dueDate: '2027-03-02' }));
    await addTasks(
      ...many,
      { id: 'later', dueDate: '2027-03-05' },
      { id: 'done', dueDate: '2027-03-01', status: 'done' },
    );
    const databases =
      provider === 'postgresql' ? [place.database, await place.open(), await place.open()] : [place.database];
    const processes = databases.map(startProcess);
    const wake = () => {
      for (const each of processes) each.wake();
    };
    const dueNow = many.map(({ id }) => `task.due ${id}/due`).sort();
    await until('all are told', async () => (await told()).length >= many.length);
    wake();
    await Promise.all(processes.map((each) => each.stop()));
    expect(await told()).toEqual(dueNow);

    clock.now += 6 * DAY;
    const next = databases.map(startProcess);
    const overdue = [...many.map(({ id }) => `task.overdue ${id}/due`), 'task.due later/due', 'task.overdue later/due'];
    await until('the rest is told', async () => (await told()).length >= dueNow.length + overdue.length);
    await Promise.all(next.map((each) => each.stop()));
    expect(await told()).toEqual([...dueNow, ...overdue].sort());
  });

  // On SQLite there is one process.
  test.skipIf(provider === 'sqlite')('is told by another process when the one that did it has stopped', async () => {
    const other = await place.open();
    await addTasks({ id: 'first', dueDate: '2027-03-01' });
    const dying = startProcess(other);
    await until('the first is told', async () => (await told()).length === 1);
    startProcess(place.database);
    await dying.stop();
    await addTasks({ id: 'second', dueDate: '2027-03-02' });
    await until('the second is told', async () => {
      for (const each of running) if ('wake' in each) (each as { wake(): void }).wake();
      return (await told()).length === 2;
    });
    expect(await told()).toEqual(['task.due first/due', 'task.due second/due']);
  });

  test('is not what is missing, which is said to be deleted when its line has not come back', async () => {
    const source = { path: 'A.md', line: 1, heading: null, raw: '[ ] gone', textKey: 'k' };
    await addTasks(
      { id: 'gone', state: 'missing', stateAt: START - 3_000, dueDate: '2027-03-01', source },
      { id: 'waiting', state: 'missing', stateAt: START, dueDate: '2027-03-01', source },
    );
    startProcess(place.database);
    await until('it is told', async () => (await told()).length > 0);
    expect(await told()).toEqual(['task.deleted gone']);
  });
});
