import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type EventBus, openAmqpBroker } from '../src/index.ts';
import { allEvents, collect, eventually, idsOf, messages } from './conformance/subject.ts';
import { createControlledRuntime } from './fixture/controlled-runtime.ts';
import { hasRabbit, type OpenedRabbit, openTestRabbit, rabbitUrl } from './fixture/rabbit.ts';
import { openWire, type Wire } from './fixture/wire.ts';

const CUTS = 4;
/** The method frames connection.blocked and connection.unblocked (AMQP 0-9-1 with RabbitMQ's extension). */
const blocked = Buffer.from([1, 0, 0, 0, 0, 0, 8, 0, 10, 0, 60, 3, 108, 111, 119, 0xce]);
const unblocked = Buffer.from([1, 0, 0, 0, 0, 0, 4, 0, 10, 0, 61, 0xce]);

/** Publishes until it is confirmed, as the relay of an outbox does. */
async function publishSurely(bus: EventBus, batch: ReturnType<typeof messages>): Promise<number> {
  for (let failures = 0; ; failures++) {
    try {
      await bus.publish('events', batch);
      return failures;
    } catch (error) {
      expect(error).toMatchObject({ code: 'broker-unreachable' });
    }
  }
}

describe.skipIf(!hasRabbit)('a connection to RabbitMQ', () => {
  let wire: Wire;
  let rabbit: OpenedRabbit;
  let reports: string[];
  const away = () => eventually(() => expect(rabbit.bus.check()).rejects.toMatchObject({ code: 'broker-unreachable' }));
  const back = () => eventually(() => rabbit.bus.check());

  beforeEach(async () => {
    reports = [];
    wire = await openWire(`${rabbitUrl}?heartbeat=1`);
    rabbit = await openTestRabbit({ url: wire.url, report: (message) => reports.push(message) });
    await rabbit.bus.declare([allEvents]);
  });
  afterEach(async () => {
    wire.restore();
    await rabbit.close();
    await wire.close();
  });

  test('that is cut again and again loses nothing that was confirmed, and subscriptions go on', async () => {
    const { bus } = rabbit;
    const { deliveries } = await collect(bus, 'all', 20);
    const confirmed: string[] = [];
    let isOver = false;
    const publishing = (async () => {
      for (let round = 0; !isOver; round++) {
        const batch = messages(50, 'note.changed', `${round}-`);
        await publishSurely(bus, batch);
        confirmed.push(...batch.map(({ id }) => id));
      }
    })();
    for (let cut = 0; cut < CUTS; cut++) {
      const before = confirmed.length;
      await eventually(() => expect(confirmed.length).toBeGreaterThan(before + 100));
      wire.cut();
      await away();
      wire.restore();
    }
    isOver = true;
    await publishing;
    await eventually(() => expect(new Set(idsOf(deliveries))).toEqual(new Set(confirmed)));
    await eventually(async () => expect(await bus.depth('all')).toBe(0));
    expect(reports.some((message) => message.includes('is away'))).toBe(true);
  });

  test('that is lost tells those who listen that they may have missed something, and they hear on', async () => {
    const { bus } = rabbit;
    const heard: string[] = [];
    await bus.listen({
      name: 'test-ear',
      patterns: ['#'],
      hear: (some) => void heard.push(...some.map(({ id }) => id)),
      missed: () => void heard.push('missed'),
    });
    for (const [turn, loss] of [wire.cut, wire.stall].entries()) {
      loss();
      await away();
      wire.restore();
      await eventually(() => expect(heard.filter((id) => id === 'missed')).toHaveLength(turn + 1));
      await publishSurely(bus, messages(1, 'note.changed', `${turn}-`));
      await eventually(() => expect(heard).toContain(`${turn}-1`));
    }
  });

  test('on which the other side falls silent is given up and made again', async () => {
    const { bus } = rabbit;
    const { deliveries } = await collect(bus, 'all');
    wire.stall();
    const lost = bus.publish('events', messages(3));
    await expect(lost).rejects.toMatchObject({ code: 'broker-unreachable' });
    await away();
    wire.restore();
    await publishSurely(bus, messages(3));
    await eventually(() => expect(new Set(idsOf(deliveries))).toEqual(new Set(['1', '2', '3'])));
  });

  test('that is lost while a batch is in hand brings the batch again, marked, and what follows after it', async () => {
    const { bus } = rabbit;
    await bus.publish('events', messages(60));
    const { promise: entered, resolve: enter } = Promise.withResolvers<void>();
    const { promise: released, resolve: release } = Promise.withResolvers<void>();
    const handedOut: { id: string; redelivered: boolean }[] = [];
    await bus.subscribe(
      'all',
      async (deliveries) => {
        handedOut.push(...deliveries.map(({ message, redelivered }) => ({ id: message.id, redelivered })));
        enter();
        await released;
      },
      { batch: 20 },
    );
    await entered;
    const inHand = handedOut.length;
    wire.cut();
    await eventually(() => expect(reports).toContainEqual(expect.stringContaining('(consuming) is away')));
    wire.restore();
    release();
    await eventually(() => expect(handedOut).toHaveLength(60 + inHand));
    const again = handedOut.slice(inHand);
    expect(again.map(({ id }) => id)).toEqual(messages(60).map(({ id }) => id));
    expect(again.slice(0, inHand).every(({ redelivered }) => redelivered)).toBe(true);
  });

  test('that is away makes publishing wait until it is back', async () => {
    const { bus } = rabbit;
    wire.cut();
    await away();
    const publishing = bus.publish('events', messages(2));
    wire.restore();
    await publishing;
    expect(await bus.depth('all')).toBe(2);
  });

  test('that does not come back makes publishing fail in the end', async () => {
    const runtime = createControlledRuntime();
    const bus = await rabbit.open({ runtime });
    wire.cut();
    await eventually(() => expect(bus.check()).rejects.toMatchObject({ code: 'broker-unreachable' }));
    let failure: unknown;
    bus.publish('events', messages(1)).catch((error: unknown) => {
      failure = error;
    });
    await runtime.advanceUntil(() => expect(failure).toMatchObject({ code: 'broker-unreachable' }));
  });

  test('that RabbitMQ blocks makes publishing wait until it is unblocked', async () => {
    const { bus } = rabbit;
    await bus.check();
    wire.sayToClients(blocked);
    await eventually(() => expect(reports.some((message) => message.includes('accepts no messages'))).toBe(true));
    let isPublished = false;
    const publishing = bus.publish('events', messages(1)).then(() => {
      isPublished = true;
    });
    await bus.check();
    expect(await bus.depth('all')).toBe(0);
    expect(isPublished).toBe(false);
    wire.sayToClients(unblocked);
    await publishing;
    expect(await bus.depth('all')).toBe(1);
  });

  test('that is made again brings back what was deleted meanwhile', async () => {
    const { bus } = rabbit;
    const { deliveries } = await collect(bus, 'all');
    wire.cut();
    await away();
    await rabbit.remove();
    wire.restore();
    await back();
    await publishSurely(bus, messages(2));
    await eventually(() => expect(idsOf(deliveries)).toEqual(['1', '2']));
  });

  test('is closed in bounded time, also when nobody answers', async () => {
    const runtime = createControlledRuntime();
    const bus = await rabbit.open({ runtime });
    await collect(bus, 'all');
    wire.stall();
    let isClosed = false;
    bus.close().then(() => {
      isClosed = true;
    });
    await runtime.advanceUntil(() => expect(isClosed).toBe(true));
  });
});

describe('an address of RabbitMQ', () => {
  const open = (url: string) => openAmqpBroker({ url, runtime: createControlledRuntime(), report: () => {} });

  test.each([
    ['is no URL', 'amqp//guest:secret@host'],
    ['has another protocol', 'http://guest:secret@host'],
    ['names no host', 'amqp:secret'],
    ['is badly encoded', 'amqp://guest:secret%ZZ@host'],
  ])('that %s is an error which keeps the password', async (_, url) => {
    const error: unknown = await open(url).catch((thrown: unknown) => thrown);
    expect(error).toMatchObject({ code: 'broker-unreachable' });
    expect(JSON.stringify(error, Object.getOwnPropertyNames(error))).not.toContain('secret');
  });

  test('where nobody answers is an error that names host and port in the end', async () => {
    const nobody = await openWire('amqp://guest:secret@127.0.0.1:5672');
    await nobody.close();
    const runtime = createControlledRuntime();
    const reports: unknown[] = [];
    let failure: unknown;
    const report = (message: string, error: unknown) => reports.push(message, String(error));
    openAmqpBroker({ url: nobody.url, runtime, report }).catch((error: unknown) => {
      failure = error;
    });
    await runtime.advanceUntil(() => expect(failure).toMatchObject({ code: 'broker-unreachable' }));
    expect(String(failure)).toContain(new URL(nobody.url).host);
    expect(`${failure} ${reports}`).not.toContain('secret');
  });
});
