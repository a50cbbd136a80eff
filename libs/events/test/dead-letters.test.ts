import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type AnyEvent, MAX_ATTEMPTS } from '../src/index.ts';
import { eventually } from './conformance/subject.ts';
import { comment, comments } from './fixture/events.ts';
import { grounds, openWorkshop, recordEffects, type Workshop } from './fixture/workshop.ts';

const WAIT = { timeout: 15_000, interval: 10 };

for (const ground of grounds) {
  describe.skipIf(!ground.answers)(`an event that cannot be applied on ${ground.name}`, () => {
    let workshop: Workshop;
    let tries: number;
    beforeEach(async () => {
      workshop = await openWorkshop(ground);
      tries = 0;
    });
    afterEach(() => workshop?.close());

    const poison = comment('poison', 1);
    const settled = () => eventually(async () => expect(await workshop.bus.depth('work')).toBe(0));
    const died = (count = 1) =>
      workshop.runtime.advanceUntil(async () => expect(await workshop.bus.depth('graves')).toBe(count));

    /** Starts a consumer that refuses the poison and counts how often it was tried alone. */
    const startRefusing = () =>
      workshop.start({
        apply: async (sql, events: readonly AnyEvent[]) => {
          if (events.some(({ subject }) => subject === 'poison')) {
            if (events.length === 1) tries++;
            throw new TypeError(`refused, try ${tries}`);
          }
          await recordEffects('worker', sql, events);
        },
      });

    test('is a dead letter after five tries, while the others go on at once', async () => {
      const [first, ...others] = comments(10);
      await workshop.publish(...(first ? [first, poison] : []), ...others);
      await startRefusing();
      await settled();
      expect(await workshop.effects()).toHaveLength(10);
      expect(tries).toBe(1);
      const begun = workshop.runtime.now();
      await died();
      const [letter, ...more] = await workshop.deadLetters();
      expect(more).toEqual([]);
      expect(tries).toBe(MAX_ATTEMPTS);
      expect(letter).toMatchObject({
        id: poison.id,
        key: poison.key,
        body: poison.body,
        headers: {
          'x-queue': 'work',
          'x-consumer': 'worker',
          'x-error': 'TypeError: refused, try 5',
          'x-attempts': '5',
          'x-first-at': new Date(begun).toISOString(),
        },
      });
      const diedAt = Date.parse(letter?.headers['x-died-at'] ?? '');
      expect(diedAt - begun).toBeGreaterThan(10_000);
      await eventually(async () => expect(await workshop.countRows('attempt')).toBe(0));
      await workshop.publish(...comments(1, 'later'));
      await settled();
      expect(await workshop.effects()).toContain('later1 1');
    });

    test('is tried again ever more rarely, and not before its time', async () => {
      const { runtime, place } = workshop;
      await workshop.publish(poison);
      await startRefusing();
      const waits: number[] = [];
      for (let done = 1; done < MAX_ATTEMPTS; done++) {
        // Time stands still meanwhile.
        const dueAt = await vi.waitUntil(async () => {
          const row = await place.database.read.get<{ error: string; due_at: number }>('SELECT * FROM attempt');
          return row?.error.endsWith(`try ${done}`) ? row.due_at : undefined;
        }, WAIT);
        waits.push(dueAt - runtime.now());
        await runtime.advanceUntil(() => expect(tries).toBe(done + 1));
        expect(runtime.now()).toBeGreaterThanOrEqual(dueAt);
      }
      expect(waits[0]).toBeGreaterThanOrEqual(500);
      expect(waits).toEqual(waits.toSorted((one, other) => one - other));
      expect(waits.at(-1)).toBeGreaterThan(4_000);
      await died();
    });

    test.each([
      ['back', -1],
      ['forward', 1],
    ])('is tried again soon, and takes effect, when the clock is set %s by a day meanwhile', async (_, direction) => {
      await workshop.publish(poison);
      let isRefused = true;
      await workshop.start({
        apply: async (sql, events) => {
          if (isRefused) throw new Error('not now');
          await recordEffects('worker', sql, events);
        },
      });
      await settled();
      workshop.runtime.setClock(direction * 24 * 3_600_000);
      isRefused = false;
      const since = workshop.runtime.monotonic();
      await workshop.runtime.advanceUntil(async () => expect(await workshop.effects()).toEqual(['poison 1']));
      expect(workshop.runtime.monotonic() - since).toBeLessThan(120_000);
      await eventually(async () => expect(await workshop.countRows('attempt')).toBe(0));
    });

    test('takes effect when a later try succeeds', async () => {
      await workshop.publish(comment('slow', 1), ...comments(2));
      await workshop.start({
        apply: async (sql, events) => {
          if (events.some(({ subject }) => subject === 'slow')) {
            tries++;
            if (tries < 4) throw new Error('not yet');
          }
          await recordEffects('worker', sql, events);
        },
      });
      await workshop.runtime.advanceUntil(async () => expect(await workshop.effects()).toContain('slow 1'));
      await eventually(async () => expect(await workshop.countRows('attempt')).toBe(0));
      expect(await workshop.bus.depth('graves')).toBe(0);
    });

    test('is a dead letter at once when it is no event', async () => {
      const malformed = { ...comment('a', 1), body: '{"specversion":"1.0"' };
      const wrong = { ...comment('b', 1), id: 'wrong', body: JSON.stringify({ specversion: '1.0' }) };
      await workshop.publish(malformed, ...comments(3), wrong);
      await workshop.start();
      await settled();
      expect(await workshop.effects()).toHaveLength(3);
      const letters = await workshop.deadLetters();
      expect(letters.map(({ body }) => body)).toEqual([malformed.body, wrong.body]);
      expect(letters.map(({ headers }) => headers['x-attempts'])).toEqual(['1', '1']);
      expect(letters[0]?.headers['x-error']).toContain('not JSON');
      expect(letters[1]?.headers['x-error']).toContain('field');
      expect(await workshop.countRows('attempt')).toBe(0);
    });

    test('waits with its error until the dead letters can be had', async () => {
      await workshop.publish(poison, ...comments(2));
      let isAway = true;
      await workshop.start({
        bus: {
          ...workshop.bus,
          publish: (exchange, messages) =>
            isAway ? Promise.reject(new Error('the broker is away')) : workshop.bus.publish(exchange, messages),
        },
        apply: async (sql, events) => {
          if (events.some(({ subject }) => subject === 'poison')) {
            if (events.length === 1) tries++;
            throw new Error('refused');
          }
          await recordEffects('worker', sql, events);
        },
      });
      await workshop.runtime.advanceUntil(() =>
        expect(workshop.reports).toContainEqual(expect.stringContaining('looking for events to try again failed')),
      );
      isAway = false;
      await died();
      const [letter] = await workshop.deadLetters();
      expect(letter?.headers).toMatchObject({ 'x-error': 'Error: refused', 'x-attempts': '5' });
      expect(tries).toBe(MAX_ATTEMPTS);
    });

    test('carries a bounded error', async () => {
      await workshop.publish(poison);
      await workshop.start({ apply: () => Promise.reject(new Error('long'.repeat(100_000))) });
      await died();
      const [letter] = await workshop.deadLetters();
      expect(letter?.headers['x-error']?.length).toBeLessThanOrEqual(2_000);
    });

    test('is tried five times in all by replicas that share its attempts', async () => {
      await workshop.publish(poison);
      const databases = [await workshop.place.open(), await workshop.place.open(), await workshop.place.open()];
      for (const database of databases) {
        await workshop.start({
          database,
          apply: async () => {
            tries++;
            throw new Error('refused');
          },
        });
      }
      await died();
      expect(tries).toBe(MAX_ATTEMPTS);
      expect(await workshop.deadLetters()).toHaveLength(1);
    });
  });
}
