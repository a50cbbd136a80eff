import { fileURLToPath } from 'node:url';
import { migrate, openDatabase } from '@weave-nn/database';
import { expect, test } from 'vitest';
import { allEvents, collect, drain, eventually, idsOf, messages, sentinel } from './conformance/subject.ts';
import { testEventBus } from './conformance.ts';
import { openTestBroker } from './fixture/embedded.ts';

const brokerMigrations = fileURLToPath(new URL('../migrations/broker', import.meta.url));

testEventBus('the embedded broker', openTestBroker);

test('the embedded broker lets other work go on while a queue is emptied', async () => {
  const { bus, close } = await openTestBroker();
  await bus.declare([allEvents]);
  await bus.publish('events', messages(1_000));
  let turns = 0;
  let counting = true;
  const count = () => {
    turns++;
    if (counting) setImmediate(count);
  };
  const { deliveries } = await collect(bus, 'all', 10);
  count();
  await eventually(() => expect(deliveries).toHaveLength(1_000));
  counting = false;
  expect(turns).toBeGreaterThan(50);
  await close();
});

test('the embedded broker counts what is in hand, and gives a failed batch out again before anything later', async () => {
  const { bus, close } = await openTestBroker();
  await bus.declare([allEvents]);
  await bus.publish('events', messages(6));
  const tries: string[][] = [];
  const depths: number[] = [];
  await bus.subscribe(
    'all',
    async (deliveries) => {
      tries.push(idsOf(deliveries));
      depths.push(await bus.depth('all'));
      if (tries.length === 1) throw new Error('not yet');
    },
    { batch: 2 },
  );
  await eventually(async () => expect(await bus.depth('all')).toBe(0));
  expect(tries).toEqual([
    ['1', '2'],
    ['1', '2'],
    ['3', '4'],
    ['5', '6'],
  ]);
  expect(depths).toEqual([6, 6, 4, 2]);
  await close();
});

test('the embedded broker marks only what was handed out', async () => {
  const { bus, reopen, close } = await openTestBroker();
  await bus.declare([allEvents]);
  await bus.publish('events', messages(6));
  let refused = 0;
  const receive = () => {
    refused++;
    return Promise.reject(new Error('never'));
  };
  await bus.subscribe('all', receive, { batch: 2 });
  await eventually(() => expect(refused).toBeGreaterThan(0));
  const again = await drain(await reopen(), 'all', sentinel);
  expect(again.map(({ redelivered }) => redelivered)).toEqual([true, true, false, false, false, false]);
  await close();
});

test('the embedded broker keeps a message that several queues want once, until all have settled it', async () => {
  const { bus, file, close } = await openTestBroker();
  await bus.declare([allEvents, { ...allEvents, name: 'other' }]);
  await bus.publish('events', messages(3));
  const database = await openDatabase({ url: `file:${file}` });
  const kept = async () =>
    (await database.read.all<{ id: string }>('SELECT id FROM message ORDER BY number')).map(({ id }) => id);
  await collect(bus, 'all', 10);
  await eventually(async () => expect(await bus.depth('all')).toBe(0));
  expect(await kept()).toEqual(['1', '2', '3']);
  await bus.publish('events', messages(1));
  const { deliveries } = await collect(bus, 'other', 2);
  await eventually(async () => expect(await kept()).toEqual([]));
  expect(idsOf(deliveries)).toEqual(['1', '2', '3', '1']);
  await database.close();
  await close();
});

test('the embedded broker hands out what an earlier version left, and the other way round', async () => {
  const { bus, file, reopen, close } = await openTestBroker();
  await bus.declare([allEvents]);
  await bus.publish('events', messages(2));
  await bus.close();
  const url = `file:${file}`;
  await migrate({ url }, { folder: brokerMigrations, to: 1 });
  const database = await openDatabase({ url });
  expect(await database.read.all('SELECT queue, id, key, delivered FROM message ORDER BY position')).toMatchObject([
    { queue: 'all', id: '1', delivered: 0 },
    { queue: 'all', id: '2', delivered: 0 },
  ]);
  await database.close();
  const again = await reopen();
  await again.publish('events', messages(1));
  const { deliveries } = await collect(again, 'all', 10);
  await eventually(() => expect(idsOf(deliveries)).toEqual(['1', '2', '1']));
  await close();
});
