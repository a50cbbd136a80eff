import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type EventBus, MAX_ATTEMPTS, type Message, OUTCOME_HEADER, REPLAY_HEADER } from '../src/index.ts';
import { eventually } from './conformance/subject.ts';
import { comment, comments } from './fixture/events.ts';
import { grounds, openWorkshop, recordEffects, type Workshop } from './fixture/workshop.ts';

for (const ground of grounds) {
  describe.skipIf(!ground.answers)(`a replay on ${ground.name}`, () => {
    let workshop: Workshop;
    let tries: number;
    let isBroken: boolean;
    beforeEach(async () => {
      workshop = await openWorkshop(ground);
      tries = 0;
      isBroken = true;
    });
    afterEach(() => workshop?.close());

    const poison = comment('poison', 2);
    const replayOf = (message: Message, replay: string): Message => ({
      ...message,
      headers: { [REPLAY_HEADER]: replay },
    });
    const replay = (...messages: Message[]) =>
      workshop.bus.send(
        'work',
        messages.map((message) => replayOf(message, 'first')),
      );
    const told = (count: number) =>
      workshop.runtime.advanceUntil(async () => expect(await workshop.bus.depth('graves')).toBe(count));
    const settled = () => eventually(async () => expect(await workshop.bus.depth('work')).toBe(0));

    /** Starts a consumer that refuses the poison while it is broken. */
    const start = (changes: Parameters<Workshop['start']>[0] = {}) =>
      workshop.start({
        apply: async (sql, events) => {
          if (isBroken && events.some(({ subject }) => subject === 'poison')) {
            if (events.length === 1) tries++;
            throw new Error('refused');
          }
          await recordEffects('worker', sql, events);
        },
        ...changes,
      });
    async function die() {
      await workshop.publish(poison);
      await told(1);
      await workshop.deadLetters();
    }

    test('of what has died takes effect, and says so', async () => {
      await start();
      await die();
      isBroken = false;
      await replay(poison);
      await told(1);
      expect(await workshop.effects()).toEqual(['poison 2']);
      expect(await workshop.deadLetters()).toEqual([
        {
          ...poison,
          headers: {
            [REPLAY_HEADER]: 'first',
            [OUTCOME_HEADER]: 'applied',
            'x-queue': 'work',
            'x-consumer': 'worker',
            'x-settled-at': expect.stringMatching(/^2026-/),
          },
        },
      ]);
      await eventually(async () => expect(await workshop.countRows('attempt')).toBe(0));
    });

    test('that fails again has five tries of its own and is a dead letter again', async () => {
      await start();
      await die();
      tries = 0;
      await replay(poison);
      await told(1);
      expect(tries).toBe(MAX_ATTEMPTS);
      const [letter] = await workshop.deadLetters();
      expect(letter?.headers).toMatchObject({
        [REPLAY_HEADER]: 'first',
        'x-attempts': '5',
        'x-error': 'Error: refused',
      });
      expect(letter?.headers).not.toHaveProperty(OUTCOME_HEADER);
      isBroken = false;
      await workshop.bus.send('work', [replayOf(poison, 'second')]);
      await told(1);
      expect(await workshop.effects()).toEqual(['poison 2']);
    });

    test('that succeeds at a later try says so then', async () => {
      await start();
      await die();
      tries = 0;
      await replay(poison);
      await workshop.runtime.advanceUntil(() => expect(tries).toBe(2));
      isBroken = false;
      await told(1);
      const [note] = await workshop.deadLetters();
      expect(note?.headers).toMatchObject({ [OUTCOME_HEADER]: 'applied', [REPLAY_HEADER]: 'first' });
      expect(await workshop.effects()).toEqual(['poison 2']);
      await eventually(async () => expect(await workshop.countRows('attempt')).toBe(0));
    });

    test('that comes twice takes effect once', async () => {
      await start();
      await die();
      isBroken = false;
      await replay(poison, poison);
      await told(2);
      expect(await workshop.effects()).toEqual(['poison 2']);
      const outcomes = (await workshop.deadLetters()).map(({ headers }) => headers[OUTCOME_HEADER]);
      expect(outcomes).toEqual(['applied', 'applied']);
    });

    test('that was overtaken changes nothing and says that it is superseded, however often it comes', async () => {
      await start({ order: 'newest' });
      await die();
      isBroken = false;
      await workshop.publish(comment('poison', 3));
      await settled();
      const inbox = await workshop.countRows('inbox');
      await replay(poison, ...comments(1), poison);
      await told(3);
      expect(await workshop.effects()).toEqual(['poison 3', 's1 1']);
      expect(await workshop.countRows('inbox')).toBe(inbox + 1);
      const outcomes = (await workshop.deadLetters()).map(({ headers }) => headers[OUTCOME_HEADER]);
      expect(outcomes).toEqual(['superseded', 'applied', 'superseded']);
    });

    test('overtaken by an event whose consumer counts every one takes effect all the same', async () => {
      await start();
      await die();
      isBroken = false;
      await workshop.publish(comment('poison', 3));
      await settled();
      await replay(poison);
      await told(1);
      expect(await workshop.effects()).toEqual(['poison 3', 'poison 2']);
    });

    test('that nobody can be told of waits, and takes effect once', async () => {
      await start();
      await die();
      const [consumer] = workshop.started;
      await consumer?.stop();
      isBroken = false;
      let refused = 0;
      let isAway = true;
      const publish: EventBus['publish'] = async (exchange, messages) => {
        if (exchange !== 'dead' || !isAway) return workshop.bus.publish(exchange, messages);
        refused++;
        throw new Error('the broker is away');
      };
      await start({ bus: { ...workshop.bus, publish } });
      await replay(poison);
      await workshop.runtime.advanceUntil(() => expect(refused).toBeGreaterThan(MAX_ATTEMPTS + 1));
      isAway = false;
      await told(1);
      expect((await workshop.deadLetters())[0]?.headers[OUTCOME_HEADER]).toBe('applied');
      expect(await workshop.effects()).toEqual(['poison 2']);
      expect(await workshop.countRows('attempt')).toBe(0);
    });

    test('of what is no event comes back as a dead letter', async () => {
      const malformed = { ...comment('a', 1), body: '{"specversion":"1.0"' };
      await start();
      await replay(malformed);
      await told(1);
      expect(await workshop.deadLetters()).toMatchObject([
        { body: malformed.body, headers: { [REPLAY_HEADER]: 'first', 'x-error': expect.stringContaining('not JSON') } },
      ]);
    });
  });
}
