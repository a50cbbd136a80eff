import { rowInsert, type Sql } from '@weave-nn/database';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AnyEvent, formatSequence, type Message } from '../src/index.ts';
import { eventually } from './conformance/subject.ts';
import { exampleEvent } from './fixture/events.ts';
import { grounds, openWorkshop, type Workshop } from './fixture/workshop.ts';

const PATHS = 200;
const UPDATES = 50;
const BATCH = 500;
/** Every so many is published once more, later, as a relay does whose confirmation was lost. */
const REPEATED = 5;
const LONG = { timeout: 60_000 };

interface Effect {
  subject: string;
  sequence: string;
  event_id: string;
}

/** Every update of every path, in the order in which a file service tells of them; some come again, too late. */
function updates(): Message[] {
  const messages: Message[] = [];
  for (let sequence = 1; sequence <= UPDATES; sequence++) {
    for (let path = 0; path < PATHS; path++) {
      const event = exampleEvent('vault.file.updated', {
        subject: `Note ${path}.md`,
        sequence: formatSequence(sequence),
      });
      messages.push({ id: event.id, key: event.type, body: JSON.stringify(event), headers: {} });
    }
  }
  return messages.flatMap((message, index) => {
    const former = messages[index - PATHS];
    return former && index % REPEATED === 0 ? [message, former] : [message];
  });
}

// What a laptop has, and what a cluster has.
for (const ground of grounds.filter(({ name }) => name === 'sqlite' || name.includes('RabbitMQ'))) {
  describe.skipIf(!ground.answers)(`two replicas of a consumer on ${ground.name}`, () => {
    let workshop: Workshop;
    beforeEach(async () => {
      workshop = await openWorkshop(ground);
      await workshop.bus.declare([{ name: 'log', exchange: 'events', patterns: ['#'] }]);
    });
    afterEach(() => workshop?.close());

    const insert = rowInsert(ground.provider, {
      table: 'effect',
      columns: { consumer: 'TEXT', event_id: 'TEXT', subject: 'TEXT', sequence: 'TEXT' },
    });

    async function startReplica() {
      const replica = { bus: await workshop.openBus(), database: await workshop.place.open() };
      const record = (consumer: string) => (sql: Sql, events: readonly AnyEvent[]) =>
        insert(
          sql,
          events.map(({ id, subject, sequence }) => [consumer, id, subject, sequence]),
        );
      await workshop.start({ ...replica, name: 'state', queue: 'work', order: 'newest', apply: record('state') });
      await workshop.start({ ...replica, name: 'log', queue: 'log', order: 'every', apply: record('log') });
    }

    const effectsOf = (consumer: string) =>
      workshop.place.database.read.all<Effect>(
        'SELECT subject, sequence, event_id FROM effect WHERE consumer = ? ORDER BY place',
        consumer,
      );

    /** How many events a consumer has applied, or passed over as overtaken. */
    async function countSeen(consumer: string): Promise<number | undefined> {
      const row = await workshop.place.database.read.get<{ total: number }>(
        'SELECT count(*) AS total FROM inbox WHERE consumer = ?',
        consumer,
      );
      return row?.total;
    }

    test('leave 10,000 updates of 200 paths at their last state, each with its effect once', LONG, async () => {
      await startReplica();
      await startReplica();
      const messages = updates();
      for (let from = 0; from < messages.length; from += BATCH) {
        await workshop.publish(...messages.slice(from, from + BATCH));
      }
      for (const [consumer, queue] of [
        ['state', 'work'],
        ['log', 'log'],
      ] as const) {
        // A queue that is empty may have handed out what is not applied yet.
        await eventually(async () => expect(await countSeen(consumer)).toBe(PATHS * UPDATES));
        await eventually(async () => expect(await workshop.bus.depth(queue)).toBe(0));
      }
      await Promise.all(workshop.started.map((consumer) => consumer.stop()));

      const logged = (await effectsOf('log')).map(({ event_id }) => event_id);
      expect(logged.toSorted()).toEqual([...new Set(messages.map(({ id }) => id))].sort());
      const applied = await effectsOf('state');
      expect(new Set(applied.map(({ event_id }) => event_id)).size).toBe(applied.length);
      for (let path = 0; path < PATHS; path++) {
        const sequences = applied
          .filter(({ subject }) => subject === `Note ${path}.md`)
          .map(({ sequence }) => sequence);
        expect(sequences).toEqual(sequences.toSorted());
        expect(sequences.at(-1)).toBe(formatSequence(UPDATES));
      }
      expect(await workshop.countRows('attempt')).toBe(0);
      expect(workshop.reports).toEqual([]);
    });
  });
}
