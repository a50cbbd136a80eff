import { systemRuntime } from '@weave-nn/config';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createOutbox, type EventBus, startConsumer, startRelay } from '../src/index.ts';
import { startChild } from './fixture/child.ts';
import { openTestBroker } from './fixture/embedded.ts';
import { createPlace, type Place } from './fixture/places.ts';
import { hasRabbit, openTestRabbit, rabbitUrl } from './fixture/rabbit.ts';
import { grounds, recordEffects } from './fixture/workshop.ts';

const ROUNDS = 6;
/** Each round starts processes of its own, which takes long on a busy machine. */
const LONG = { timeout: 120_000 };
const MAX_LINES = 120;

/** A broker as another process reaches it. */
interface Reached {
  reach: string;
  queue: string;
  open(): Promise<EventBus>;
  close(): Promise<void>;
}

async function reachEmbedded(): Promise<Reached> {
  const broker = await openTestBroker();
  await broker.bus.close();
  return { reach: broker.file, queue: 'work', open: broker.reopen, close: broker.close };
}

async function reachRabbit(): Promise<Reached> {
  const { bus, exchange, toName, close } = await openTestRabbit();
  const reach = JSON.stringify({ url: rabbitUrl, exchange });
  return { reach, queue: toName('work'), open: async () => bus, close };
}

interface Effect {
  event_id: string;
  subject: string;
  sequence: string;
}

let closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
});

/** Runs so many processes at a time, kills them at some moment, and again; answers what they said was committed. */
async function killAgainAndAgain(count: number, place: Place, broker: Reached, order: string): Promise<string[]> {
  const committed: string[] = [];
  for (let round = 0; round < ROUNDS; round++) {
    const children = Array.from({ length: count }, () =>
      startChild('relay-and-consume.ts', place.reach, broker.reach, broker.queue, order),
    );
    await Promise.all(
      children.map(async (child) => {
        await child.said(1 + Math.floor(Math.random() * MAX_LINES));
        await child.kill();
        committed.push(...child.lines.filter((line) => line.length === 36));
      }),
    );
  }
  return committed;
}

/** Lets what is left be relayed and applied; answers every effect in its order, and the ids of all events. */
async function finish(place: Place, broker: Reached, order: 'newest' | 'every') {
  const runtime = systemRuntime;
  const { database } = place;
  const opened = await broker.open();
  // Children call the queue by its name at the broker.
  const queue = 'work';
  await opened.declare([{ name: queue, exchange: 'events', patterns: ['#'] }]);
  const report = () => undefined;
  const relay = startRelay({ database, publisher: opened, runtime, report, retention: 3_600_000 });
  const handler = {
    prepare: async () => undefined,
    apply: (sql: Parameters<typeof recordEffects>[1], events: Parameters<typeof recordEffects>[2]) =>
      recordEffects('worker', sql, events),
  };
  const consumer = await startConsumer({
    name: 'worker',
    queue,
    bus: opened,
    database,
    runtime,
    report,
    order,
    handler,
  });
  closers.push(async () => {
    await consumer.stop();
    await relay.stop();
  });
  const outbox = createOutbox({ source: '/default/task', runtime, provider: database.provider });
  await vi.waitFor(async () => {
    expect(await outbox.unsent(database.read)).toBe(0);
    expect(await opened.depth(queue)).toBe(0);
    expect(await database.read.get('SELECT event_id FROM attempt')).toBeUndefined();
  }, LONG);
  const written = await database.read.all<Effect>('SELECT event_id FROM outbox ORDER BY position');
  const effects = await database.read.all<Effect>('SELECT event_id, subject, sequence FROM effect ORDER BY place');
  return { written: written.map(({ event_id }) => event_id), effects };
}

function sequencesBySubject(effects: readonly Effect[]): Map<string, number[]> {
  const sequences = new Map<string, number[]>();
  for (const { subject, sequence } of effects) {
    sequences.set(subject, [...(sequences.get(subject) ?? []), Number(sequence)]);
  }
  return sequences;
}

for (const ground of grounds) {
  const isRabbit = ground.name.includes('RabbitMQ');
  describe.skipIf(!ground.answers)(`on ${ground.name}`, () => {
    async function prepare() {
      const place = await createPlace(ground.provider);
      closers.push(place.remove);
      const broker = isRabbit ? await reachRabbit() : await reachEmbedded();
      closers.push(broker.close);
      return { place, broker };
    }

    test('a process killed at any moment leaves every event with its effect, once and in order', LONG, async () => {
      const { place, broker } = await prepare();
      const committed = await killAgainAndAgain(1, place, broker, 'every');
      const { written, effects } = await finish(place, broker, 'every');
      expect(written).toEqual(expect.arrayContaining(committed));
      expect(effects.map(({ event_id }) => event_id).sort()).toEqual(written.toSorted());
      for (const [subject, sequences] of sequencesBySubject(effects)) {
        expect(sequences, subject).toEqual(sequences.map((_, index) => index + 1));
      }
      expect(committed.length).toBeGreaterThan(ROUNDS);
    });

    test.skipIf(!isRabbit || !hasRabbit)(
      'two processes killed at any moment leave every subject at its newest event, and none twice',
      LONG,
      async () => {
        const { place, broker } = await prepare();
        const committed = await killAgainAndAgain(2, place, broker, 'newest');
        const { written, effects } = await finish(place, broker, 'newest');
        expect(written).toEqual(expect.arrayContaining(committed));
        const ids = effects.map(({ event_id }) => event_id);
        expect(new Set(ids).size).toBe(ids.length);
        const newest = await place.database.read.all<Effect>(
          `SELECT subject, sequence FROM subject_sequence WHERE consumer = 'outbox'`,
        );
        const bySubject = sequencesBySubject(effects);
        for (const { subject, sequence } of newest) {
          const sequences = bySubject.get(subject) ?? [];
          expect(sequences, subject).toEqual(sequences.toSorted((one, other) => one - other));
          expect(sequences.at(-1), subject).toBe(Number(sequence));
        }
        expect(newest.length).toBeGreaterThan(1);
      },
    );
  });
}
