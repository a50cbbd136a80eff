import { systemRuntime } from '@weave-nn/config';
import { EventError, type Message, OUTCOME_HEADER, REPLAY_HEADER } from '@weave-nn/events';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readNews } from '../src/domain/dead-letter.ts';
import { createReplays, type Replays } from '../src/domain/replays.ts';
import type { DeadLetterStore, ListPosition } from '../src/store/dead-letters.ts';
import { eventOf } from './fixture/events.ts';
import { createPlace, type Place, providers } from './fixture/places.ts';
import { createReadSide } from './fixture/read-side.ts';
import { createSlowRuntime } from './fixture/slow-runtime.ts';

const NOW = '2026-03-01T00:00:00.000Z';
const HOUR = 3_600_000;
const MANY = 1_000;

interface Changes {
  body?: string;
  key?: string;
  headers?: Record<string, string>;
}

/** A message as it comes out of the queue `dlq`. */
function dead(id: string, diedAt: string, { body, key, headers }: Changes = {}): Message {
  return {
    id,
    key: key ?? 'vault.file.created',
    body: body ?? JSON.stringify(eventOf(id, `${id}.md`)),
    headers: {
      'x-queue': 'mcp_sync',
      'x-consumer': 'mcp-sync',
      'x-error': `Error: at ${diedAt}`,
      'x-attempts': '5',
      'x-first-at': '2026-01-01T00:00:00.000Z',
      'x-died-at': diedAt,
      ...headers,
    },
  };
}
const at = (minute: number) => `2026-01-01T00:${String(minute).padStart(2, '0')}:00.000Z`;

describe.each(providers)('dead letters on $provider', ({ provider, answers }) => {
  if (!answers) {
    test.skip('the server does not answer');
    return;
  }
  let place: Place;
  let store: DeadLetterStore;
  let now: number;
  beforeEach(async () => {
    place = await createPlace(provider);
    store = createReadSide(place.database).deadLetters;
    now = Date.parse(NOW);
  });
  afterEach(() => place.remove());

  const add = (...messages: Message[]) => store.add(messages.map((message) => readNews(message, NOW)));
  const all = () => store.list({}, undefined, MANY);
  const only = async () => {
    const letters = await all();
    expect(letters).toHaveLength(1);
    return letters[0] as (typeof letters)[0];
  };

  test('are kept once, however often their message comes', async () => {
    await add(dead('e1', at(1)), dead('e1', at(1)), dead('e2', at(2)));
    await add(dead('e1', at(1)));
    await add();
    expect(await store.count()).toBe(2);
    expect(await all()).toMatchObject([
      { eventId: 'e2' },
      {
        eventId: 'e1',
        type: 'vault.file.created',
        subject: 'e1.md',
        queue: 'mcp_sync',
        consumer: 'mcp-sync',
        error: `Error: at ${at(1)}`,
        attempts: 5,
        firstAt: at(0),
        diedAt: at(1),
        state: 'dead',
        stateAt: at(1),
        replay: null,
        history: [],
      },
    ]);
  });

  test('are one for each queue, and for each message that is no event', async () => {
    const bare = { id: '', key: '', headers: { 'x-attempts': 'many', 'x-died-at': 'yesterday' } };
    await add(
      dead('e1', at(1)),
      dead('e1', at(1), { headers: { 'x-queue': 'audit', 'x-consumer': 'event-log' } }),
      { ...bare, body: 'one \0 thing' },
      { ...bare, body: 'another' },
      { ...bare, body: 'another' },
    );
    expect(await store.count()).toBe(4);
    const [first, second] = await all();
    expect([first?.body, second?.body].sort()).toEqual(['another', 'one \u{FFFD} thing']);
    expect(first).toMatchObject({ eventId: '', subject: null, queue: '', attempts: 0, firstAt: NOW, diedAt: NOW });
  });

  test('of one event remember how it died before, the newest death first', async () => {
    await add(dead('e1', at(2)), dead('e1', at(4)), dead('e1', at(3)), dead('e1', at(1)), dead('e1', at(3)));
    const { diedAt, history } = await only();
    expect([diedAt, ...history.map((death) => death.diedAt)]).toEqual([at(4), at(3), at(2), at(1)]);
    expect(history[0]).toEqual({ error: `Error: at ${at(3)}`, attempts: 5, firstAt: at(0), diedAt: at(3) });
  });

  test('are listed in stable pages, the last that died first', async () => {
    const messages = Array.from({ length: 25 }, (_, index) => dead(`e${index}`, at(Math.floor(index / 3))));
    await add(...messages);
    const seen: string[] = [];
    let after: ListPosition | undefined;
    for (;;) {
      const page = await store.list({}, after, 4);
      seen.push(...page.map(({ eventId }) => eventId));
      after = page.at(-1);
      if (!after) break;
      await add(dead(`late${seen.length}`, at(50)));
    }
    expect(seen.toSorted()).toEqual(messages.map(({ id }) => id).sort());
    const deaths = (await all()).map(({ diedAt }) => diedAt);
    expect(deaths).toEqual(deaths.toSorted().reverse());
  });

  test('are found by queue, consumer, type and state', async () => {
    await add(
      dead('e1', at(1)),
      dead('e2', at(2), { headers: { 'x-queue': 'audit', 'x-consumer': 'event-log' } }),
      dead('e3', at(3), { key: 'task.created' }),
    );
    const found = async (filter: Parameters<DeadLetterStore['list']>[0]) =>
      (await store.list(filter, undefined, MANY)).map(({ eventId }) => eventId);
    expect(await found({ queue: 'mcp_sync' })).toEqual(['e3', 'e1']);
    expect(await found({ consumer: 'event-log' })).toEqual(['e2']);
    expect(await found({ type: 'vault.file.created', queue: 'mcp_sync' })).toEqual(['e1']);
    expect(await found({ type: 'vault.file.*' })).toEqual([]);
    expect(await found({ state: 'dead' })).toHaveLength(3);
    expect(await found({ state: 'replayed' })).toEqual([]);
  });

  describe('that are replayed', () => {
    let sent: { queue: string; message: Message }[];
    let failure: Error | undefined;
    let failures: number;
    let replays: Replays;
    let runtime: ReturnType<typeof createSlowRuntime>;
    beforeEach(() => {
      sent = [];
      failures = 0;
      failure = undefined;
      runtime = createSlowRuntime({ ...systemRuntime, now: () => now });
      replays = open(store);
    });
    afterEach(() => replays.stop());

    function open(from: DeadLetterStore): Replays {
      return createReplays({
        store: from,
        bus: {
          publish: async () => undefined,
          async send(queue, messages) {
            if (failure) throw failure;
            sent.push(...messages.map((message) => ({ queue, message })));
          },
        },
        workers: {
          runtime,
          log: { info: () => undefined, warn: () => undefined },
          observeRound(_worker, outcome) {
            if (outcome === 'failed') failures++;
          },
        },
      });
    }
    const arrived = (count: number) => runtime.until(() => sent.length >= count);
    const sentIds = () => sent.map(({ message }) => message.id);
    const replayIdOf = (id: string) =>
      sent.findLast(({ message }) => message.id === id)?.message.headers[REPLAY_HEADER];
    const outcome = (id: string, value: string) =>
      dead(id, at(30), { headers: { [OUTCOME_HEADER]: value, 'x-settled-at': at(31), 'x-died-at': '' } });

    test('go to the queue they failed on as they were, with an id of their own', async () => {
      const message = dead('e1', at(1));
      await add(message);
      replays.start();
      const { id } = await only();
      expect(await replays.begin(id)).toMatchObject({ id, state: 'replaying', stateAt: NOW });
      await arrived(1);
      const { key, body } = message;
      const replay = expect.stringMatching(/^[0-9a-f-]{36}$/);
      expect(sent).toEqual([
        { queue: 'mcp_sync', message: { id: 'e1', key, body, headers: { [REPLAY_HEADER]: replay } } },
      ]);
      expect(await store.count()).toBe(1);
      await expect(replays.begin(id)).rejects.toMatchObject({ code: 'replay-running' });
      await expect(replays.discard(id)).rejects.toMatchObject({ code: 'replay-running' });
    });

    test.each([
      ['applied', 'replayed'],
      ['superseded', 'superseded'],
    ])('and %s are %s for good', async (told, state) => {
      await add(dead('e1', at(1)));
      replays.start();
      const { id } = await only();
      await replays.begin(id);
      await arrived(1);
      await add(outcome('e1', told), outcome('e1', 'applied'), dead('e1', at(1)));
      expect(await only()).toMatchObject({ state, stateAt: at(31), diedAt: at(1), history: [] });
      expect(await store.count()).toBe(0);
      await expect(replays.begin(id)).rejects.toMatchObject({ code: 'letter-settled' });
      expect(await replays.beginAll({}, MANY)).toBe(0);
      await replays.discard(id);
      await expect(replays.discard(id)).rejects.toMatchObject({ code: 'letter-not-found' });
    });

    test('and fail again are dead again, and remember it', async () => {
      await add(dead('e1', at(1)));
      replays.start();
      const { id } = await only();
      for (const minute of [2, 3]) {
        await replays.begin(id);
        await arrived(minute - 1);
        await add(dead('e1', at(minute), { headers: { [REPLAY_HEADER]: replayIdOf('e1') ?? '' } }));
        expect(await only()).toMatchObject({ state: 'dead', diedAt: at(minute), error: `Error: at ${at(minute)}` });
      }
      expect((await only()).history.map(({ diedAt }) => diedAt)).toEqual([at(2), at(1)]);
      expect(new Set(sent.map(({ message }) => message.headers[REPLAY_HEADER])).size).toBe(2);
    });

    test('stay under way when an older death of theirs is told late', async () => {
      await add(dead('e1', at(2)));
      replays.start();
      const { id } = await only();
      await replays.begin(id);
      await arrived(1);
      await add(dead('e1', at(1)), dead('e1', at(4), { headers: { [REPLAY_HEADER]: 'another' } }));
      const { state, history } = await only();
      expect(state).toBe('replaying');
      expect(history.map(({ diedAt }) => diedAt)).toEqual([at(4), at(1)]);
    });

    test('may be replayed or discarded when nothing has been heard for an hour', async () => {
      await add(dead('e1', at(1)), dead('e2', at(1)));
      replays.start();
      expect(await replays.beginAll({}, MANY)).toBe(2);
      await arrived(2);
      const [one = '', other = ''] = (await all()).map(({ id }) => id);
      now += HOUR + 1;
      await replays.begin(one);
      await arrived(3);
      await replays.discard(other);
      await expect(replays.begin(one)).rejects.toMatchObject({ code: 'replay-running' });
    });

    test('all at once go in the order of their events, a hundred a second', async () => {
      const ids = Array.from({ length: 35 }, (_, index) => `e${100 + index}`);
      await add(
        ...ids.toReversed().map((id, index) => dead(id, at(index))),
        dead('other', at(1), { key: 'task.created' }),
      );
      replays.start();
      const begun = runtime.monotonic();
      expect(await replays.beginAll({ type: 'vault.file.created' }, MANY)).toBe(35);
      await arrived(35);
      expect(sentIds()).toEqual(ids);
      expect(runtime.monotonic() - begun).toBeGreaterThanOrEqual(300);
      expect(await replays.beginAll({}, MANY)).toBe(1);
    });

    test('up to a limit leave the rest as it is', async () => {
      await add(...['e1', 'e2', 'e3', 'e4'].map((id, index) => dead(id, at(9 - index))));
      replays.start();
      expect(await replays.beginAll({ consumer: 'mcp-sync' }, 3)).toBe(3);
      await arrived(3);
      expect(sentIds()).toEqual(['e1', 'e2', 'e3']);
      expect((await store.list({ state: 'dead' }, undefined, MANY)).map(({ eventId }) => eventId)).toEqual(['e4']);
    });

    test('are sent by the next process when this one dies before, and sent again under the same id', async () => {
      await add(dead('e1', at(1)));
      const { id } = await only();
      await replays.begin(id);
      const dying = open({
        ...store,
        sendReplays: (limit, time, send) =>
          store.sendReplays(limit, time, async (letters) => {
            await send(letters);
            throw new Error('it died before it was written down');
          }),
      });
      dying.start();
      await arrived(1);
      await dying.stop();
      const next = open(createReadSide(await place.open()).deadLetters);
      next.start();
      await arrived(2);
      await next.stop();
      const [first, second] = sent;
      expect(second).toEqual(first);
      next.start();
      expect(sent).toHaveLength(2);
    });

    test('wait for the broker while it is away', async () => {
      await add(dead('e1', at(1)), dead('e2', at(1)));
      failure = new EventError('broker-unreachable', 'away');
      replays.start();
      expect(await replays.beginAll({}, MANY)).toBe(2);
      await runtime.until(() => failures > 2);
      expect((await all()).map(({ state }) => state)).toEqual(['replaying', 'replaying']);
      failure = undefined;
      await arrived(2);
      expect(sentIds()).toEqual(['e1', 'e2']);
    });

    test('to a queue that is gone are dead again, and say so', async () => {
      await add(dead('e1', at(1)));
      failure = new EventError('queue-unknown', 'no queue is called mcp_sync');
      replays.start();
      const { id } = await only();
      await replays.begin(id);
      await runtime.until(async () => (await only()).state === 'dead');
      expect(await only()).toMatchObject({ error: 'EventError: no queue is called mcp_sync', diedAt: NOW });
      expect((await only()).history).toHaveLength(1);
    });

    test('without a queue are refused', async () => {
      await add(dead('e1', at(1), { headers: { 'x-queue': '' } }));
      const { id } = await only();
      await expect(replays.begin(id)).rejects.toMatchObject({ code: 'letter-without-queue' });
      expect(await replays.beginAll({}, MANY)).toBe(0);
      await expect(replays.begin('unknown')).rejects.toMatchObject({ code: 'letter-not-found' });
    });

    test('are forgotten a week after they were applied', async () => {
      await add(dead('e1', at(1)), dead('e2', at(1)));
      replays.start();
      await replays.beginAll({}, MANY);
      await arrived(2);
      await add(outcome('e1', 'applied'));
      now = Date.parse(at(31)) + 6 * 24 * HOUR;
      await store.prune(new Date(now - 7 * 24 * HOUR).toISOString());
      expect(await all()).toHaveLength(2);
      now += 2 * 24 * HOUR;
      await runtime.until(async () => (await all()).length === 1);
      expect((await only()).eventId).toBe('e2');
    });
  });

  test('that two replicas hear of at once are kept once', async () => {
    const other = createReadSide(await place.open()).deadLetters;
    for (let round = 0; round < 20; round++) {
      const news = Array.from({ length: 5 }, (_, index) => readNews(dead(`e${round}-${index}`, at(round)), NOW));
      const later = news.map((_, index) => readNews(dead(`e${round}-${index}`, at(round + 30)), NOW));
      await Promise.all([store.add(news), other.add([...later].reverse())]);
    }
    const letters = await store.list({}, undefined, MANY);
    expect(letters).toHaveLength(100);
    expect(letters.every(({ history }) => history.length === 1)).toBe(true);
  });
});
