import { afterEach, describe, expect, test } from 'vitest';
import { type Delivery, type EventBus, MAX_ATTEMPTS } from '../src/index.ts';
import { eventually } from './conformance/subject.ts';
import { startChild } from './fixture/child.ts';
import { openTestBroker } from './fixture/embedded.ts';
import { comment, comments } from './fixture/events.ts';
import { createPlace } from './fixture/places.ts';
import { openTestRabbit, rabbitUrl } from './fixture/rabbit.ts';
import { grounds } from './fixture/workshop.ts';

/** Each process takes its time to start. */
const LONG = { timeout: 60_000 };
const queues = [
  { name: 'work', exchange: 'events', patterns: ['#'] },
  { name: 'graves', exchange: 'dead', patterns: ['#'] },
] as const;

let closers: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closers.reverse()) await close();
  closers = [];
});

/** A broker, what it takes for another process to reach it, and the names that it has for the queues. */
async function openBroker(isRabbit: boolean) {
  if (isRabbit) {
    const { bus, exchange, toName, close } = await openTestRabbit();
    closers.push(close);
    return {
      bus,
      reach: [JSON.stringify({ url: rabbitUrl, exchange }), ...queues.map(({ name }) => toName(name))],
      leave: async () => undefined,
      enter: async (): Promise<EventBus> => bus,
    };
  }
  const { bus, file, reopen, close } = await openTestBroker();
  closers.push(close);
  return { bus, reach: [file, ...queues.map(({ name }) => name)], leave: () => bus.close(), enter: reopen };
}

for (const ground of grounds.filter(({ name }) => name === 'sqlite' || name.includes('RabbitMQ'))) {
  describe.skipIf(!ground.answers)(`on ${ground.name}`, () => {
    test(
      'an event that kills the process is a dead letter after five tries, and the others take effect',
      LONG,
      async () => {
        const place = await createPlace(ground.provider);
        closers.push(place.remove);
        const broker = await openBroker(ground.name.includes('RabbitMQ'));
        await broker.bus.declare(queues);
        const fatal = comment('fatal', 1);
        const [before, after] = [comments(10, 'before'), comments(10, 'after')];
        await broker.bus.publish('events', [...before, fatal, ...after]);
        await broker.leave();

        let deaths = 0;
        for (;;) {
          const child = startChild('die-of-it.ts', place.reach, ...broker.reach);
          await child.said(1);
          if (child.lines.length > 0) {
            await child.kill();
            break;
          }
          expect(await child.ended).toBe('SIGKILL');
          deaths++;
          expect(deaths).toBeLessThanOrEqual(MAX_ATTEMPTS);
        }
        expect(deaths).toBe(MAX_ATTEMPTS);

        const effects = await place.database.read.all<{ event_id: string }>('SELECT event_id FROM effect');
        expect(effects.map(({ event_id }) => event_id).sort()).toEqual(
          [...before, ...after].map(({ id }) => id).sort(),
        );
        expect(await place.database.read.all('SELECT event_id FROM attempt')).toEqual([]);
        const bus = await broker.enter();
        const letters: Delivery[] = [];
        await bus.subscribe('graves', async (some) => void letters.push(...some), { batch: 10 });
        await eventually(() => expect(letters).toHaveLength(1));
        expect(letters[0]?.message).toMatchObject({
          id: fatal.id,
          body: fatal.body,
          headers: { 'x-queue': expect.stringContaining('work'), 'x-attempts': String(MAX_ATTEMPTS) },
        });
      },
    );
  });
}
