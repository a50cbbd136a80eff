import { beforeEach, describe, expect, test } from 'vitest';
import { allEvents, collect, drain, eventually, idsOf, messages, type Subject, sentinel } from './subject.ts';

/** Subscribes with a receiver that stays in its first batch until it is let go. */
async function holdFirst(bus: ReturnType<Subject>['bus'], batch: number) {
  const { promise: entered, resolve: enter } = Promise.withResolvers<void>();
  const { promise: released, resolve: release } = Promise.withResolvers<void>();
  const received: string[] = [];
  const subscription = await bus.subscribe(
    'all',
    async (deliveries) => {
      enter();
      await released;
      received.push(...idsOf(deliveries));
    },
    { batch },
  );
  await entered;
  return { received, release, subscription };
}

export function testLifecycle(subject: Subject): void {
  describe('lifecycle', () => {
    beforeEach(() => subject().bus.declare([allEvents]));

    test('cancelling waits for the batch in hand and leaves the rest', async () => {
      const { bus } = subject();
      await bus.publish('events', messages(6));
      const { received, release, subscription } = await holdFirst(bus, 2);
      let cancelled = false;
      const cancelling = subscription.cancel().then(() => {
        cancelled = true;
      });
      await bus.check();
      expect(cancelled).toBe(false);
      release();
      await cancelling;
      // A broker may hand out the first one before the second has come.
      expect([['1'], ['1', '2']]).toContainEqual(received);
      const rest = idsOf(await drain(bus, 'all', sentinel));
      expect([...received, ...rest]).toEqual(['1', '2', '3', '4', '5', '6']);
    });

    test('cancelling a subscription that waits, or twice, ends at once', async () => {
      const { bus } = subject();
      const { cancel } = await collect(bus, 'all');
      await cancel();
      await cancel();
      await bus.publish('events', messages(1));
      expect(await bus.depth('all')).toBe(1);
    });

    test('a batch that fails while its subscription is cancelled goes to another one', async () => {
      const { bus } = subject();
      await bus.publish('events', messages(2));
      const { promise: entered, resolve: enter } = Promise.withResolvers<void>();
      const { promise: released, reject: fail } = Promise.withResolvers<void>();
      const receive = () => {
        enter();
        return released;
      };
      const subscription = await bus.subscribe('all', receive, { batch: 2 });
      await entered;
      const cancelling = subscription.cancel();
      fail(new Error('given up'));
      await cancelling;
      const again = await drain(bus, 'all', sentinel);
      expect(idsOf(again)).toEqual(['1', '2']);
      expect(again.every(({ redelivered }) => redelivered)).toBe(true);
    });

    test('closing waits for the batch in hand, whose messages are settled', async () => {
      const { bus, reopen } = subject();
      await bus.publish('events', messages(4));
      const { received, release } = await holdFirst(bus, 2);
      const closing = bus.close();
      await expect(bus.subscribe('all', async () => {}, { batch: 1 })).rejects.toMatchObject({ code: 'broker-closed' });
      expect(received).toEqual([]);
      release();
      await closing;
      expect(received).toEqual(['1', '2']);
      expect(idsOf(await drain(await reopen(), 'all', sentinel))).toEqual(['3', '4']);
    });

    test('a closed bus refuses everything with broker-closed and may be closed again', async () => {
      const { bus } = subject();
      await bus.check();
      await bus.close();
      await bus.close();
      const refused = { code: 'broker-closed' };
      await expect(bus.publish('events', messages(1))).rejects.toMatchObject(refused);
      await expect(bus.send('all', messages(1))).rejects.toMatchObject(refused);
      await expect(bus.subscribe('all', async () => {}, { batch: 1 })).rejects.toMatchObject(refused);
      await expect(bus.declare([allEvents])).rejects.toMatchObject(refused);
      await expect(bus.depth('all')).rejects.toMatchObject(refused);
      await expect(bus.check()).rejects.toMatchObject(refused);
    });

    test('a receiver may publish, also while the bus closes', async () => {
      const { bus, reopen } = subject();
      await bus.declare([{ name: 'graves', exchange: 'dead', patterns: ['#'] }]);
      await bus.publish('events', messages(1));
      const { promise: entered, resolve: enter } = Promise.withResolvers<void>();
      const { promise: released, resolve: release } = Promise.withResolvers<void>();
      await bus.subscribe(
        'all',
        async (deliveries) => {
          enter();
          await released;
          await bus.publish(
            'dead',
            deliveries.map(({ message }) => message),
          );
        },
        { batch: 1 },
      );
      await entered;
      const closing = bus.close();
      release();
      await closing;
      const reopened = await reopen();
      await eventually(async () => expect(await reopened.depth('graves')).toBe(1));
      expect(await reopened.depth('all')).toBe(0);
    });
  });
}
