import type { Sql } from '@weave-nn/database';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type AnyEvent, EventError } from '../src/index.ts';
import { eventually } from './conformance/subject.ts';
import { comment, comments } from './fixture/events.ts';
import { grounds, openWorkshop, recordEffects, type Workshop } from './fixture/workshop.ts';

for (const ground of grounds) {
  describe.skipIf(!ground.answers)(`a consumer on ${ground.name}`, () => {
    let workshop: Workshop;
    beforeEach(async () => {
      workshop = await openWorkshop(ground);
    });
    afterEach(() => workshop?.close());

    const settled = () => eventually(async () => expect(await workshop.bus.depth('work')).toBe(0));

    test('applies an event once, however often it comes', async () => {
      const [first, second] = comments(2);
      if (!first || !second) return;
      await workshop.publish(first, first, second);
      await workshop.start();
      await settled();
      await workshop.publish(first, second, first);
      await settled();
      expect(await workshop.effects()).toEqual(['s1 1', 's2 1']);
      expect(await workshop.countRows('inbox')).toBe(2);
    });

    test('settles what comes again after its effect without reading anything for it, and tells of it again', async () => {
      const again = comments(30);
      await workshop.publish(...again);
      const consumer = await workshop.start();
      await settled();
      await consumer.stop();
      await workshop.publish(...again, comment('new', 1));
      await workshop.refuseAll();
      const read: AnyEvent[] = [];
      const told: AnyEvent[] = [];
      await workshop.start({
        prepare: async (events) => void read.push(...events),
        onApplied: async (events) => void told.push(...events),
      });
      await settled();
      expect(read.map(({ subject }) => subject)).toEqual(['new']);
      expect(told).toHaveLength(31);
      expect(await workshop.effects()).toHaveLength(31);
      expect(await workshop.countRows('attempt')).toBe(0);
    });

    test('takes no more events together than memory holds what they need', async () => {
      const megabyte = 1024 * 1024;
      const sizes = [20, 10, 10, 40, 1, 1];
      await workshop.publish(...comments(sizes.length));
      const batches: number[] = [];
      await workshop.start({
        bytesOf: ({ subject }) => (sizes[Number(subject.slice(1)) - 1] ?? 0) * megabyte,
        prepare: async (events) => void batches.push(events.length),
      });
      await settled();
      expect(batches).toEqual([2, 1, 1, 2]);
      expect(await workshop.effects()).toHaveLength(sizes.length);
    });

    test('has an inbox of its own: two consumers of one database both apply an event', async () => {
      const { bus } = workshop;
      await bus.declare([{ name: 'more', exchange: 'events', patterns: ['#'] }]);
      await workshop.publish(...comments(3));
      await workshop.start();
      await workshop.start({ name: 'another', queue: 'more' });
      await eventually(async () => expect(await workshop.countRows('effect')).toBe(6));
    });

    test('of every event applies also those that come out of order', async () => {
      await workshop.publish(comment('a', 2), comment('a', 1), comment('a', 2));
      await workshop.start();
      await settled();
      expect(await workshop.effects()).toEqual(['a 2', 'a 1', 'a 2']);
    });

    test('of the newest events passes over those that are overtaken, within a batch and later', async () => {
      const elsewhere = { source: '/other/task' };
      await workshop.publish(comment('a', 1), comment('a', 3), comment('b', 2), comment('a', 2), comment('b', 1));
      await workshop.publish(comment('a', 3), comment('a', 2, elsewhere), comment('a', 1, elsewhere));
      await workshop.start({ order: 'newest' });
      await settled();
      await workshop.publish(comment('a', 2), comment('a', 3), comment('b', 3), comment('a', 4));
      await settled();
      expect(await workshop.effects()).toEqual(['a 1', 'a 3', 'b 2', 'a 2', 'b 3', 'a 4']);
      expect(await workshop.countRows('inbox')).toBe(12);
    });

    test('keeps the order of each subject on several replicas', async () => {
      const subjects = Array.from({ length: 20 }, (_, index) => `s${index}`);
      for (let sequence = 1; sequence <= 20; sequence++) {
        await workshop.publish(...subjects.map((subject) => comment(subject, sequence)));
      }
      for (let replica = 0; replica < 3; replica++) {
        await workshop.start({ order: 'newest', database: await workshop.place.open() });
      }
      await settled();
      const effects = (await workshop.effects()).map((effect) => effect.split(' '));
      for (const subject of subjects) {
        const sequences = effects.filter(([name]) => name === subject).map(([, sequence]) => Number(sequence));
        expect(sequences).toEqual(sequences.toSorted((one, other) => one - other));
        expect(sequences.at(-1)).toBe(20);
      }
    });

    test('applies the events of a failing batch singly', async () => {
      await workshop.publish(...comments(10));
      const sizes: number[] = [];
      await workshop.start({
        apply: async (sql, events) => {
          sizes.push(events.length);
          if (events.length > 1) throw new Error('too many');
          await recordEffects('worker', sql, events);
        },
      });
      await settled();
      expect(sizes.filter((size) => size === 1)).toHaveLength(10);
      expect(await workshop.effects()).toHaveLength(10);
      expect(await workshop.countRows('attempt')).toBe(0);
    });

    test('applies what comes again together, and singly what failed beside something else', async () => {
      const sizes: number[] = [];
      const apply = async (sql: Sql, events: readonly AnyEvent[]) => {
        sizes.push(events.length);
        if (events.length > 1 && events.some(({ subject }) => subject === 'bad')) throw new Error('one is bad');
        await recordEffects('worker', sql, events);
      };
      await workshop.publish(...comments(300));
      await workshop.refuseAll();
      await workshop.start({ apply });
      await settled();
      expect(sizes.length).toBeLessThan(30);
      expect(await workshop.effects()).toHaveLength(300);
      expect(await workshop.countRows('attempt')).toBe(0);
      await workshop.started[0]?.stop();
      await workshop.publish(...comments(5, 'beside'), comment('bad', 1));
      await workshop.refuseAll();
      await workshop.start({ apply });
      await settled();
      expect(sizes.at(-1)).toBe(1);
      expect(await workshop.effects()).toHaveLength(306);
      expect(await workshop.countRows('attempt')).toBe(0);
    });

    test('leaves nothing of an effect that failed half-way', async () => {
      await workshop.publish(...comments(1));
      let tries = 0;
      await workshop.start({
        apply: async (sql, events) => {
          await recordEffects('worker', sql, events);
          tries++;
          if (tries === 1) throw new Error('half-way');
        },
      });
      await workshop.runtime.advanceUntil(() => expect(tries).toBe(2));
      await eventually(async () => expect(await workshop.countRows('attempt')).toBe(0));
      expect(await workshop.effects()).toEqual(['s1 1']);
    });

    test('tells what was applied, and a listener that fails undoes nothing', async () => {
      const told: AnyEvent[] = [];
      await workshop.publish(...comments(3));
      await workshop.start({
        onApplied: (events) => {
          told.push(...events);
          throw new Error('a listener failed');
        },
      });
      await settled();
      expect(told).toHaveLength(3);
      expect(await workshop.effects()).toHaveLength(3);
      expect(workshop.reports[0]).toMatch(/telling that \d events were applied failed/);
    });

    test('stops when what is in hand is finished, and the next one goes on where it was', async () => {
      await workshop.publish(...comments(4_100));
      const { promise: entered, resolve: enter } = Promise.withResolvers<void>();
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      const consumer = await workshop.start({
        prepare: () => {
          enter();
          return released;
        },
      });
      await entered;
      let stopped = false;
      const stopping = consumer.stop().then(() => {
        stopped = true;
      });
      await workshop.place.database.check();
      expect(stopped).toBe(false);
      release();
      await stopping;
      const inHand = (await workshop.effects()).length;
      expect(inHand).toBeGreaterThan(0);
      expect(inHand).toBeLessThan(4_100);
      await eventually(async () => expect(await workshop.bus.depth('work')).toBe(4_100 - inHand));
      await workshop.start();
      await settled();
      expect(await workshop.effects()).toEqual(Array.from({ length: 4_100 }, (_, index) => `s${index + 1} 1`));
    });

    test('of a queue that was not declared does not start', async () => {
      await expect(workshop.start({ queue: 'nowhere' })).rejects.toBeInstanceOf(EventError);
    });
  });
}
