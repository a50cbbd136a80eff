import { DatabaseError } from '@weave-nn/database';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Consumer, dependencyUnavailable } from '../src/index.ts';
import { eventually } from './conformance/subject.ts';
import { comments } from './fixture/events.ts';
import { grounds, openWorkshop, recordEffects, type Workshop } from './fixture/workshop.ts';

const inOrder = (count: number) => Array.from({ length: count }, (_, index) => `s${index + 1} 1`);

for (const ground of grounds) {
  describe.skipIf(!ground.answers)(`while something it needs is away, a consumer on ${ground.name}`, () => {
    let workshop: Workshop;
    let isAway: boolean;
    let asked: number;
    beforeEach(async () => {
      workshop = await openWorkshop(ground);
      isAway = true;
      asked = 0;
    });
    afterEach(() => workshop?.close());

    const settled = () => workshop.runtime.advanceUntil(async () => expect(await workshop.bus.depth('work')).toBe(0));
    const prepare = async () => {
      asked++;
      if (isAway) throw dependencyUnavailable('the file service', new Error('refused'));
    };

    test('waits with its events, counts no try and loses no order', async () => {
      await workshop.publish(...comments(300));
      await workshop.start({ prepare });
      await workshop.runtime.advanceUntil(() => expect(asked).toBeGreaterThan(2 * 5));
      expect(await workshop.countRows('attempt')).toBe(0);
      expect(await workshop.effects()).toEqual([]);
      isAway = false;
      await settled();
      expect(await workshop.effects()).toEqual(inOrder(300));
      expect(await workshop.bus.depth('graves')).toBe(0);
    });

    test('stops at once, without asking again', async () => {
      await workshop.publish(...comments(3));
      const consumer = await workshop.start({ prepare });
      await eventually(() => expect(workshop.reports).toHaveLength(1));
      await consumer.stop();
      expect(asked).toBe(1);
    });

    test('may be restarted any number of times without a try being counted', async () => {
      await workshop.publish(...comments(3));
      for (let restart = 0; restart < 8; restart++) {
        asked = 0;
        const consumer: Consumer = await workshop.start({ prepare });
        await workshop.runtime.advanceUntil(() => expect(asked).toBeGreaterThan(1));
        await consumer.stop();
        await workshop.reopenBroker();
      }
      isAway = false;
      await workshop.start({ prepare });
      await settled();
      expect(await workshop.effects()).toEqual(inOrder(3));
      expect(await workshop.bus.depth('graves')).toBe(0);
      expect(await workshop.countRows('attempt')).toBe(0);
    });

    test('counts no try of a parked event, and applies it afterwards', async () => {
      isAway = false;
      await workshop.publish(...comments(1));
      let hasFailed = false;
      await workshop.start({
        prepare,
        apply: async (sql, events) => {
          if (!hasFailed) {
            hasFailed = true;
            isAway = true;
            throw new Error('once');
          }
          await recordEffects('worker', sql, events);
        },
      });
      await workshop.runtime.advanceUntil(() => expect(asked).toBeGreaterThan(8));
      const attempt = await workshop.place.database.read.get<{ tries: number }>('SELECT tries FROM attempt');
      expect(attempt?.tries).toBeLessThanOrEqual(2);
      isAway = false;
      await workshop.runtime.advanceUntil(async () => expect(await workshop.effects()).toEqual(inOrder(1)));
      expect(await workshop.bus.depth('graves')).toBe(0);
    });

    test.each(['database-unreachable', 'disk-full'] as const)('takes a database that is away (%s) so', async (code) => {
      await workshop.publish(...comments(5));
      const { database } = workshop.place;
      await workshop.start({
        database: {
          ...database,
          transaction: (work) => {
            asked++;
            return isAway ? Promise.reject(new DatabaseError(code, 'gone')) : database.transaction(work);
          },
        },
      });
      await workshop.runtime.advanceUntil(() => expect(asked).toBeGreaterThan(8));
      isAway = false;
      await settled();
      expect(await workshop.effects()).toEqual(inOrder(5));
      expect(await workshop.countRows('attempt')).toBe(0);
    });

    test('keeps what has come again in hand while its database is away, and counts no try', async () => {
      await workshop.publish(...comments(5));
      await workshop.refuseAll();
      const { bus } = workshop;
      const { database } = workshop.place;
      let handedOut = 0;
      const isGone = () => {
        asked++;
        if (isAway) throw new DatabaseError('database-unreachable', 'gone');
      };
      await workshop.start({
        bus: {
          ...bus,
          subscribe(queue, receive, options) {
            const counted = (deliveries: Parameters<typeof receive>[0]) => {
              handedOut++;
              return receive(deliveries);
            };
            return bus.subscribe(queue, counted, options);
          },
        },
        database: {
          ...database,
          async transaction(work) {
            isGone();
            return database.transaction(work);
          },
          read: {
            ...database.read,
            async all(text, ...values) {
              isGone();
              return database.read.all(text, ...values);
            },
          },
        },
      });
      await workshop.runtime.advanceUntil(() => expect(asked).toBeGreaterThan(60));
      expect(handedOut).toBe(1);
      isAway = false;
      await settled();
      expect(await workshop.effects()).toEqual(inOrder(5));
      expect(await workshop.countRows('attempt')).toBe(0);
      expect(await workshop.bus.depth('graves')).toBe(0);
    });
  });
}
