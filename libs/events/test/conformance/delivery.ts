import { beforeEach, describe, expect, test } from 'vitest';
import type { Delivery, Message } from '../../src/index.ts';
import { allEvents, collect, drain, eventually, idsOf, messages, type Subject, sentinel } from './subject.ts';

export function testDelivery(subject: Subject): void {
  describe('delivery', () => {
    beforeEach(() => subject().bus.declare([allEvents]));

    test('messages come in the order in which they were published', async () => {
      const { bus } = subject();
      const all = messages(300);
      for (let from = 0; from < all.length; from += 70) await bus.publish('events', all.slice(from, from + 70));
      const { deliveries } = await collect(bus, 'all', 7);
      await eventually(() => expect(deliveries).toHaveLength(300));
      expect(idsOf(deliveries)).toEqual(all.map(({ id }) => id));
      expect(deliveries.every(({ redelivered }) => !redelivered)).toBe(true);
    });

    test('messages published to a waiting subscription come at once', async () => {
      const { bus } = subject();
      const { deliveries } = await collect(bus, 'all');
      for (const message of messages(5)) {
        await bus.publish('events', [message]);
        await eventually(() => expect(idsOf(deliveries)).toContain(message.id));
      }
      expect(deliveries).toHaveLength(5);
    });

    test('publishing nothing does nothing', async () => {
      const { bus } = subject();
      await bus.publish('events', []);
      expect(await bus.depth('all')).toBe(0);
    });

    test('batches are no larger than asked', async () => {
      const { bus } = subject();
      await bus.publish('events', messages(25));
      const { deliveries, batches } = await collect(bus, 'all', 4);
      await eventually(() => expect(deliveries).toHaveLength(25));
      expect(Math.max(...batches)).toBeLessThanOrEqual(4);
    });

    test('a message arrives as it was published', async () => {
      const { bus } = subject();
      const message: Message = {
        id: '0190b2a4-7c1e-7000-8000-0000000000ff',
        key: 'note.changed',
        body: JSON.stringify({ path: 'Überblick/日本語 🧶.md', text: 'a\u0000b\u2028c "quoted" \\ d' }),
        headers: { 'x-queue': 'git', 'x-error': 'Fehler: Größe' },
      };
      await bus.publish('events', [message]);
      const { deliveries } = await collect(bus, 'all');
      await eventually(() => expect(deliveries).toEqual([expect.objectContaining({ message, redelivered: false })]));
    });

    test('bodies of a megabyte arrive whole', async () => {
      const { bus } = subject();
      const large = messages(5).map((message, index) => ({
        ...message,
        body: JSON.stringify(`${index}ü`.repeat(350_000)),
      }));
      await bus.publish('events', large);
      const { deliveries } = await collect(bus, 'all', 2);
      await eventually(() => expect(deliveries).toHaveLength(5));
      expect(deliveries.every(({ message }, index) => message.body === large[index]?.body)).toBe(true);
    });

    test('the depth counts what nobody has taken and what is settled no longer', async () => {
      const { bus } = subject();
      await bus.publish('events', messages(12));
      expect(await bus.depth('all')).toBe(12);
      await collect(bus, 'all', 5);
      await eventually(async () => expect(await bus.depth('all')).toBe(0));
    });

    test('a batch whose receiver throws comes again, marked, in its order', async () => {
      const { bus } = subject();
      await bus.publish('events', messages(3));
      const handedOut: Delivery[][] = [];
      await bus.subscribe(
        'all',
        async (deliveries) => {
          handedOut.push([...deliveries]);
          if (handedOut.length <= 2) throw new Error('not yet');
        },
        { batch: 3 },
      );
      await eventually(async () => {
        expect(handedOut.length).toBeGreaterThan(2);
        expect(await bus.depth('all')).toBe(0);
      });
      const [first, ...again] = handedOut;
      expect(first?.map(({ redelivered }) => redelivered)).not.toContain(true);
      expect(idsOf(again.slice(1).flat())).toEqual(['1', '2', '3']);
      expect(again.flat().every(({ redelivered }) => redelivered)).toBe(true);
    });

    test('a receiver that throws synchronously is one that fails', async () => {
      const { bus } = subject();
      await bus.publish('events', messages(1));
      let calls = 0;
      const receive = () => {
        calls++;
        if (calls === 1) throw new Error('at once');
        return Promise.resolve();
      };
      await bus.subscribe('all', receive, { batch: 1 });
      await eventually(() => expect(calls).toBe(2));
    });

    test('after a restart what was not settled comes again, marked, and what was settled does not', async () => {
      const { bus, reopen } = subject();
      await bus.publish('events', messages(5));
      const settled: string[] = [];
      let refused = 0;
      await bus.subscribe(
        'all',
        async ([delivery]) => {
          const id = delivery?.message.id ?? '';
          if (id === '3') {
            refused++;
            throw new Error('never');
          }
          settled.push(id);
        },
        { batch: 1 },
      );
      await eventually(() => expect(refused).toBeGreaterThan(0));
      const again = await drain(await reopen(), 'all', sentinel);
      expect([...settled, ...idsOf(again)].sort()).toEqual(['1', '2', '3', '4', '5']);
      expect(again.find(({ message }) => message.id === '3')?.redelivered).toBe(true);
    });

    test('messages that nobody took survive a restart', async () => {
      const { bus, reopen } = subject();
      await bus.publish('events', messages(5));
      const reopened = await reopen();
      expect(await reopened.depth('all')).toBe(5);
      const again = await drain(reopened, 'all', sentinel);
      expect(again.map(({ message }) => message)).toEqual(messages(5));
      expect(again.some(({ redelivered }) => redelivered)).toBe(false);
    });
  });
}
