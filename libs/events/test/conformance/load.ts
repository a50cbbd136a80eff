import { beforeEach, describe, expect, test } from 'vitest';
import type { Delivery } from '../../src/index.ts';
import { allEvents, collect, eventually, idsOf, messages, type Subject } from './subject.ts';

export function testLoad(subject: Subject): void {
  describe('many at once', () => {
    beforeEach(() => subject().bus.declare([allEvents]));

    test('10,000 messages of five publishers arrive exactly once, each publisher’s in order', async () => {
      const { bus } = subject();
      const { deliveries } = await collect(bus, 'all', 200);
      const publishers = ['a', 'b', 'c', 'd', 'e'];
      await Promise.all(
        publishers.map(async (publisher) => {
          const own = messages(2_000, 'note.changed', publisher);
          for (let from = 0; from < own.length; from += 100) await bus.publish('events', own.slice(from, from + 100));
        }),
      );
      await eventually(() => expect(deliveries.length).toBeGreaterThanOrEqual(10_000));
      await eventually(async () => expect(await bus.depth('all')).toBe(0));
      const ids = idsOf(deliveries);
      for (const publisher of publishers) {
        const own = ids.filter((id) => id.startsWith(publisher));
        expect(own).toEqual(messages(2_000, 'note.changed', publisher).map(({ id }) => id));
      }
    });

    test('subscriptions that compete share the messages without duplicates', async () => {
      const { bus } = subject();
      const several = await Promise.all([1, 2, 3].map(() => collect(bus, 'all', 5)));
      const all = messages(600);
      for (let from = 0; from < all.length; from += 20) await bus.publish('events', all.slice(from, from + 20));
      await eventually(async () => expect(await bus.depth('all')).toBe(0));
      const ids = several.flatMap(({ deliveries }) => idsOf(deliveries));
      expect(ids.sort()).toEqual(all.map(({ id }) => id).sort());
    });

    test('subscriptions that compete and fail now and then settle every message once', async () => {
      const { bus } = subject();
      await bus.publish('events', messages(400));
      const settled: string[] = [];
      let calls = 0;
      for (const batch of [3, 5, 7, 11]) {
        const receive = async (deliveries: readonly Delivery[]) => {
          calls++;
          if (calls % 4 === 0) throw new Error('now and then');
          settled.push(...idsOf(deliveries));
        };
        await bus.subscribe('all', receive, { batch });
      }
      await eventually(async () => expect(await bus.depth('all')).toBe(0));
      const everything = messages(400).map(({ id }) => id);
      expect(settled.sort()).toEqual(everything.sort());
    });

    test('what one subscription always refuses, another gets', async () => {
      const { bus } = subject();
      await bus.publish('events', messages(60));
      let refused = 0;
      const settled: string[] = [];
      await bus.subscribe(
        'all',
        async () => {
          refused++;
          throw new Error('never');
        },
        { batch: 5 },
      );
      await eventually(() => expect(refused).toBeGreaterThan(0));
      await bus.subscribe('all', async (deliveries) => void settled.push(...idsOf(deliveries)), { batch: 5 });
      await eventually(async () => expect(await bus.depth('all')).toBe(0));
      expect(settled.sort()).toEqual(
        messages(60)
          .map(({ id }) => id)
          .sort(),
      );
    });

    test('two queues are consumed independently: one that fails does not hold up the other', async () => {
      const { bus } = subject();
      await bus.declare([{ name: 'other', exchange: 'events', patterns: ['#'] }]);
      await bus.subscribe('all', () => Promise.reject(new Error('never')), { batch: 10 });
      const { deliveries } = await collect(bus, 'other');
      await bus.publish('events', messages(50));
      await eventually(() => expect(deliveries).toHaveLength(50));
      await eventually(async () => expect(await bus.depth('other')).toBe(0));
    });
  });
}
