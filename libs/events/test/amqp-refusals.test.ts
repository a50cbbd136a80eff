import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Delivery } from '../src/index.ts';
import { allEvents, collect, eventually, idsOf, messages } from './conformance/subject.ts';
import { hasRabbit, type OpenedRabbit, openTestRabbit, withRabbit } from './fixture/rabbit.ts';

const MAX_DELIVERIES = 50;

describe.skipIf(!hasRabbit)('RabbitMQ', () => {
  let rabbit: OpenedRabbit;
  let reports: string[];
  beforeEach(async () => {
    reports = [];
    rabbit = await openTestRabbit({ report: (message) => reports.push(message) });
  });
  afterEach(() => rabbit.close());

  test('has the exchange of the dead letters beside that of the events', async () => {
    expect(rabbit.exchange).toMatch(/\.events$/);
    await rabbit.bus.declare([{ name: 'graves', exchange: 'dead', patterns: ['#'] }]);
    await withRabbit((channel) => channel.checkExchange(rabbit.exchange.replace(/events$/, 'dead')));
  });

  test('refuses to declare a queue that exists with other settings, and the bus goes on', async () => {
    await withRabbit((channel) => channel.assertQueue(rabbit.toName('all'), { durable: true }));
    await expect(rabbit.bus.declare([allEvents])).rejects.toMatchObject({ code: 'queue-differs' });
    await rabbit.bus.declare([{ ...allEvents, name: 'other' }]);
    await rabbit.bus.publish('events', messages(1));
    expect(await rabbit.bus.depth('other')).toBe(1);
  });

  test('refuses what a full queue has no room for, with broker-refused', async () => {
    await withRabbit(async (channel) => {
      const limits = { 'x-queue-type': 'quorum', 'x-overflow': 'reject-publish', 'x-max-length': 5 };
      await channel.assertQueue(rabbit.toName('full'), { durable: true, arguments: limits });
      await channel.bindQueue(rabbit.toName('full'), rabbit.exchange, '#');
    });
    await eventually(() =>
      expect(rabbit.bus.publish('events', messages(5))).rejects.toMatchObject({ code: 'broker-refused' }),
    );
  });

  test('says so when the queue of a known key is gone, and nothing is published quietly to nobody', async () => {
    const { bus } = rabbit;
    await bus.declare([allEvents]);
    await bus.publish('events', messages(1));
    await withRabbit((channel) => channel.deleteQueue(rabbit.toName('all')));
    await expect(bus.publish('events', messages(20))).rejects.toMatchObject({ code: 'event-unroutable' });
    await bus.declare([allEvents]);
    await bus.publish('events', messages(20));
    expect(await bus.depth('all')).toBe(20);
  });

  test('closes the channel that publishes when the exchange is gone; the next one makes it again', async () => {
    const { bus } = rabbit;
    await bus.declare([allEvents]);
    await withRabbit((channel) => channel.deleteExchange(rabbit.exchange));
    await expect(bus.publish('events', messages(1))).rejects.toMatchObject({ code: 'broker-unreachable' });
    await bus.publish('events', messages(3));
    expect(await bus.depth('all')).toBe(3);
  });

  test('takes a queue away from its subscription, which goes on when there is one again', async () => {
    const { bus } = rabbit;
    await bus.declare([allEvents]);
    const { deliveries } = await collect(bus, 'all');
    await withRabbit((channel) => channel.deleteQueue(rabbit.toName('all')));
    // RabbitMQ 3.10 tells nobody of a queue that is made again within the millisecond.
    await eventually(() => expect(reports).toContain(`queue ${rabbit.toName('all')}: 0 messages return to it`));
    await bus.declare([allEvents]);
    await bus.publish('events', messages(2));
    await eventually(() => expect(idsOf(deliveries)).toEqual(['1', '2']));
  });

  test('gives a failed batch out again before anything later, however much was sent ahead', async () => {
    const { bus } = rabbit;
    await bus.declare([allEvents]);
    await bus.publish('events', messages(300));
    const tries: string[][] = [];
    await bus.subscribe(
      'all',
      async (deliveries) => {
        tries.push(idsOf(deliveries));
        if (tries.length === 2) throw new Error('not yet');
      },
      { batch: 60 },
    );
    await eventually(async () => expect(await bus.depth('all')).toBe(0));
    const [first, , ...again] = tries;
    expect([...(first ?? []), ...again.flat()]).toEqual(messages(300).map(({ id }) => id));
  });

  test('is asked for the depth, which counts what is in hand', async () => {
    const { bus } = rabbit;
    await bus.declare([allEvents]);
    await bus.publish('events', messages(30));
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    await bus.subscribe('all', () => released, { batch: 10 });
    expect(await bus.depth('all')).toBe(30);
    release();
    await eventually(async () => expect(await bus.depth('all')).toBe(0));
  });

  test.each(['published', 'sent'])('makes a dead letter of what was %s and nobody settles', async (how) => {
    const { bus } = rabbit;
    await bus.declare([allEvents, { name: 'graves', exchange: 'dead', patterns: ['#'] }]);
    if (how === 'sent') await bus.send('all', messages(1));
    else await bus.publish('events', messages(1));
    await withRabbit(async (channel) => {
      for (let delivery = 0; delivery <= MAX_DELIVERIES; ) {
        const message = await channel.get(rabbit.toName('all'));
        if (!message) continue;
        channel.nack(message, false, true);
        delivery++;
      }
    });
    const dead: Delivery[] = [];
    await bus.subscribe('graves', async (deliveries) => void dead.push(...deliveries), { batch: 1 });
    await eventually(() => expect(dead).toHaveLength(1));
    expect(dead[0]?.message).toMatchObject({
      ...messages(1)[0],
      headers: {
        'x-queue': rabbit.toName('all'),
        'x-error': expect.stringContaining('delivery_limit'),
        'x-died-at': expect.stringMatching(/^\d{4}-/),
      },
    });
  });
});
