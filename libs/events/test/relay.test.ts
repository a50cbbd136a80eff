import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createOutbox, type Message, type Publisher, type Relay, startRelay } from '../src/index.ts';
import { eventually } from './conformance/subject.ts';
import { examples } from './fixture/events.ts';
import { grounds, openWorkshop, type Workshop } from './fixture/workshop.ts';

const DAY = 24 * 3_600_000;

for (const ground of grounds) {
  describe.skipIf(!ground.answers)(`a relay on ${ground.name}`, () => {
    let workshop: Workshop;
    let outbox: ReturnType<typeof createOutbox>;
    let relays: Relay[];
    beforeEach(async () => {
      workshop = await openWorkshop(ground);
      const { runtime } = workshop;
      outbox = createOutbox({ source: '/default/task', runtime, provider: ground.provider });
      relays = [];
    });
    afterEach(async () => {
      await Promise.all(relays.map((relay) => relay.stop()));
      await workshop.close();
    });

    function start(changes: Partial<Parameters<typeof startRelay>[0]> = {}): Relay {
      const relay = startRelay({
        database: workshop.place.database,
        publisher: workshop.bus,
        runtime: workshop.runtime,
        report: (message) => workshop.reports.push(message),
        retention: 7 * DAY,
        ...changes,
      });
      relays.push(relay);
      return relay;
    }

    /** Commits one event for each subject, in their order. */
    async function write(...subjects: string[]): Promise<string[]> {
      const appended = await workshop.place.database.transaction((sql) =>
        outbox.appendAll(
          sql,
          subjects.map((subject) => ({ type: 'task.commented', subject, data: examples['task.commented'] })),
        ),
      );
      return appended.map(({ event }) => event.id);
    }
    const unsent = () => outbox.unsent(workshop.place.database.read);
    const allSent = () => eventually(async () => expect(await unsent()).toBe(0));

    /** The bus, which remembers what was published and does first what `before` says. */
    function watched(before: (messages: readonly Message[]) => void | Promise<void> = () => undefined) {
      const published: string[] = [];
      const publish: Publisher['publish'] = async (exchange, messages) => {
        await before(messages);
        await workshop.bus.publish(exchange, messages);
        published.push(...messages.map(({ id }) => id));
      };
      return { published, publisher: { ...workshop.bus, publish } };
    }

    test('publishes what is in the outbox in its order, across batches, and later what is added', async () => {
      const { published, publisher } = watched();
      const before = await write(...Array.from({ length: 2_300 }, (_, index) => `s${index % 7}`));
      const relay = start({ publisher });
      await allSent();
      expect(published).toEqual(before);
      const after = await write('s1', 's2', 's1');
      relay.wake();
      await allSent();
      expect(published).toEqual([...before, ...after]);
      expect(await workshop.bus.depth('work')).toBe(2_303);
    });

    test('finds also what nobody has told it of', async () => {
      start();
      await allSent();
      await write('a');
      await workshop.runtime.advanceUntil(async () => expect(await unsent()).toBe(0));
    });

    test('marks an event only once the broker has confirmed it', async () => {
      await write('a', 'b');
      const entered = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      const { publisher } = watched(() => {
        entered.resolve();
        return released.promise;
      });
      start({ publisher });
      await entered.promise;
      expect(await unsent()).toBe(2);
      released.resolve();
      await allSent();
    });

    test('loses nothing and keeps the order while publishing fails', async () => {
      const written = await write('a', 'b', 'a');
      let failures = 0;
      const { published, publisher } = watched(() => {
        failures++;
        if (failures <= 5) throw new Error('the broker is away');
      });
      const relay = start({ publisher });
      await workshop.runtime.advanceUntil(() => expect(failures).toBeGreaterThan(2));
      written.push(...(await write('b', 'a')));
      relay.wake();
      await workshop.runtime.advanceUntil(async () => expect(await unsent()).toBe(0));
      expect(published).toEqual(written);
      expect(workshop.reports).toContain('outbox: its events wait, since publishing failed');
    });

    test('publishes again what it could not mark', async () => {
      const written = await write('a', 'b');
      const { published, publisher } = watched();
      const { database } = workshop.place;
      let refusals = 2;
      start({
        publisher,
        database: {
          ...database,
          transaction: (work) =>
            database.transaction(async (sql) => {
              const result = await work(sql);
              if (published.length > 0 && refusals-- > 0) throw new Error('it could not be committed');
              return result;
            }),
        },
      });
      await workshop.runtime.advanceUntil(async () => expect(await unsent()).toBe(0));
      expect(published).toEqual([...written, ...written, ...written]);
    });

    test('is flushed when all that was committed before is with the broker, and not earlier', async () => {
      await write('a', 'b');
      const released = Promise.withResolvers<void>();
      const { published, publisher } = watched(() => released.promise);
      const relay = start({ publisher });
      let isFlushed = false;
      const flushed = relay.flush().then(() => {
        isFlushed = true;
      });
      await workshop.place.database.check();
      expect(isFlushed).toBe(false);
      released.resolve();
      await flushed;
      expect(published).toHaveLength(2);
      await relay.flush();
    });

    test('that is stopped finishes what is in hand, flushes no more and leaves the rest', async () => {
      const written = await write(...Array.from({ length: 1_500 }, () => 's'));
      const entered = Promise.withResolvers<void>();
      const released = Promise.withResolvers<void>();
      const { published, publisher } = watched(() => {
        entered.resolve();
        return released.promise;
      });
      const relay = start({ publisher });
      await entered.promise;
      const flushed = relay.flush();
      const stopped = relay.stop();
      released.resolve();
      await Promise.all([stopped, flushed]);
      expect(published).toEqual(written.slice(0, 1_000));
      expect(await unsent()).toBe(500);
    });

    test('forgets what was sent, and what the inbox had, when its time is over', async () => {
      const { runtime, place } = workshop;
      await write('a', 'b');
      const relay = start();
      await allSent();
      await place.database.transaction((sql) =>
        sql.run(`INSERT INTO inbox (consumer, event_id, received_at) VALUES ('worker', 'old', ?)`, runtime.now()),
      );
      runtime.advance(6 * DAY);
      await write('c');
      relay.wake();
      await allSent();
      expect(await workshop.countRows('outbox')).toBe(3);
      runtime.advance(2 * DAY);
      await runtime.advanceUntil(async () => expect(await workshop.countRows('outbox')).toBe(1));
      await eventually(async () => expect(await workshop.countRows('inbox')).toBe(0));
      expect(await unsent()).toBe(0);
    });

    describe.skipIf(ground.provider === 'sqlite')('beside another on the same outbox', () => {
      test('publishes every event once and in order', async () => {
        const { published, publisher } = watched();
        const both = [start({ publisher }), start({ publisher, database: await workshop.place.open() })];
        const written: string[] = [];
        for (let round = 0; round < 40; round++) {
          written.push(...(await write('a', 'b', 'c')));
          both[round % 2]?.wake();
          if (round % 5 === 0) for (const relay of both) relay.wake();
        }
        await workshop.runtime.advanceUntil(async () => expect(await unsent()).toBe(0));
        expect(published).toEqual(written);
      });

      test('waits for its turn, also when it is asked to flush, and then publishes what came later', async () => {
        const [first = ''] = await write('a');
        const entered = Promise.withResolvers<void>();
        const released = Promise.withResolvers<void>();
        const slow = watched(() => {
          entered.resolve();
          return released.promise;
        });
        start({ publisher: slow.publisher });
        await entered.promise;
        const [second = ''] = await write('a');
        const quick = watched();
        const other = start({ publisher: quick.publisher, database: await workshop.place.open() });
        let isFlushed = false;
        other.flush().then(() => {
          isFlushed = true;
        });
        workshop.runtime.advance(5_000);
        await workshop.place.database.check();
        expect(quick.published).toEqual([]);
        expect(isFlushed).toBe(false);
        released.resolve();
        await workshop.runtime.advanceUntil(() => expect(isFlushed).toBe(true));
        expect(slow.published).toContain(first);
        expect([...slow.published, ...quick.published]).toEqual([first, second]);
      });

      test('takes over from one that cannot publish', async () => {
        const written = await write('a', 'b');
        const failing = watched(() => Promise.reject(new Error('no connection')));
        start({ publisher: failing.publisher });
        await workshop.runtime.advanceUntil(() => expect(workshop.reports).not.toEqual([]));
        const { published, publisher } = watched();
        start({ publisher, database: await workshop.place.open() });
        await workshop.runtime.advanceUntil(async () => expect(await unsent()).toBe(0));
        expect(published).toEqual(written);
      });
    });
  });
}
