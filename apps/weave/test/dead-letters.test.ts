import { join } from 'node:path';
import { systemRuntime } from '@weave-nn/config';
import { type EventBus, type Message, openAmqpBroker, openEmbeddedBroker } from '@weave-nn/events';
import { createApi, runCommand, startSystem, type TestSystem, testKey, testShape, until } from '@weave-nn/testing';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';

const rabbitmq = process.env.TEST_RABBITMQ_URL ?? 'amqp://guest:guest@127.0.0.1:5672';
const report = () => undefined;
let system: TestSystem;

beforeAll(async () => {
  system = await startSystem({ definitions: services, files: { 'A.md': 'alpha\n', 'B.md': 'beta\n' } });
  await system.settled();
});
afterAll(() => system.stop());

/** The broker of the running system; of an embedded one, while the system is stopped. */
async function withBroker(work: (bus: EventBus) => Promise<void>): Promise<void> {
  async function use(bus: EventBus) {
    await work(bus);
    await bus.close();
  }
  if (system.shape === 'embedded') {
    const file = join(system.data, 'broker.db');
    system = await system.restart(async () => use(await openEmbeddedBroker({ file, runtime: systemRuntime, report })));
    return;
  }
  // The virtual host of a system under test has the name of its database.
  const database = await system.openDatabase('mcp-sync');
  const row = await database.read.get<{ name: string }>('SELECT current_database() AS name');
  await database.close();
  const url = new URL(rabbitmq);
  url.pathname = `/${row?.name}`;
  await use(await openAmqpBroker({ url: url.href, runtime: systemRuntime, report }));
}

function malformed(id: string): Message {
  return { id, key: 'vault.file.created', body: `{"specversion":"1.0","of":"${id}"`, headers: {} };
}

/** An event of a file, as a consumer that could not apply it lays it among the dead letters. */
function buried(path: string, sequence: number): Message {
  const id = systemRuntime.uuid();
  const event = {
    specversion: '1.0',
    id,
    source: '/default/file',
    type: 'vault.file.updated',
    subject: path,
    time: '2026-01-02T03:04:05.000Z',
    datacontenttype: 'application/json',
    sequence: String(sequence).padStart(20, '0'),
    data: {
      vaultId: 'default',
      path,
      hash: 'h',
      previousHash: 'g',
      size: 1,
      mtime: '2026-01-02T03:04:05.000Z',
      frontmatter: {},
      origin: 'api',
      actor: 'test',
      client: null,
      requestId: null,
    },
  };
  return {
    id,
    key: event.type,
    body: JSON.stringify(event),
    headers: {
      'x-queue': 'mcp_sync',
      'x-consumer': 'mcp-sync',
      'x-error': 'Error: it failed',
      'x-attempts': '5',
      'x-first-at': '2026-01-02T03:04:05.000Z',
      'x-died-at': '2026-01-02T03:05:05.000Z',
    },
  };
}

interface Listed {
  id: string;
  eventId: string;
  state: string;
  history: unknown[];
}

const list = async (query = ''): Promise<Listed[]> => (await system.call(`/v1/dlq?limit=1000&${query}`)).json.items;
const show = async (id: string) => (await system.call(`/v1/dlq/${id}`)).json;
const replay = (id: string) => system.call(`/v1/dlq/${id}/replay`, { method: 'POST' });
const discard = (id: string) => system.call(`/v1/dlq/${id}`, { method: 'DELETE' });

/** The letter of an event once it is there in a state. */
const letterOf = (eventId: string, state = 'dead') =>
  until(`the letter of ${eventId} is ${state}`, async () =>
    (await list(`state=${state}`)).find((letter) => letter.eventId === eventId),
  );

describe('dead letters', () => {
  beforeEach(async () => {
    for (const { id } of await list()) await discard(id);
    expect(await list()).toEqual([]);
  });

  test('of what is no event are listed and shown, come back when replayed, and can be discarded', async () => {
    await withBroker((bus) => bus.send('mcp_sync', [malformed('m1')]));
    const { id } = await letterOf('m1');
    expect(await list()).toMatchObject([
      {
        id,
        eventId: 'm1',
        type: 'vault.file.created',
        queue: 'mcp_sync',
        consumer: 'mcp-sync',
        subject: null,
        error: expect.stringContaining('not JSON'),
        attempts: 1,
        state: 'dead',
        history: [],
      },
    ]);
    expect((await list())[0]).not.toHaveProperty('body');
    const before = await show(id);
    expect(before.body).toBe(malformed('m1').body);
    expect((await system.call('/v1/system')).json.index.deadLetters).toBe(1);

    const answer = await replay(id);
    expect(answer.status).toBe(202);
    expect(answer.json).toMatchObject({ id, state: 'replaying' });
    await until('it is dead again', async () => (await show(id)).history.length === 1);
    expect(await show(id)).toMatchObject({
      state: 'dead',
      history: [{ error: before.error, attempts: 1, diedAt: before.diedAt }],
    });

    expect((await discard(id)).status).toBe(204);
    expect((await discard(id)).json).toMatchObject({ status: 404, code: 'letter-not-found' });
    expect(await list()).toEqual([]);
    expect((await system.call('/v1/system')).json.index.deadLetters).toBe(0);
  });

  test('are applied when they are replayed, unless they have been overtaken', async () => {
    const [newer, older] = [buried('A.md', 1_000), buried('B.md', 1)];
    await withBroker((bus) => bus.publish('dead', [newer, older]));
    const letters = [await letterOf(newer.id), await letterOf(older.id)];
    expect(letters).toMatchObject([
      { subject: 'A.md', attempts: 5 },
      { subject: 'B.md', attempts: 5 },
    ]);
    for (const { id } of letters) expect((await replay(id)).status).toBe(202);
    const applied = await letterOf(newer.id, 'replayed');
    const overtaken = await letterOf(older.id, 'superseded');
    for (const { id } of [applied, overtaken]) {
      expect((await replay(id)).json).toMatchObject({ status: 409, code: 'letter-settled' });
    }
    expect(await system.search('alpha')).toEqual(['A.md']);
    expect(await list('state=dead')).toEqual([]);
  });

  test('are filtered, paged and replayed all at once', async () => {
    await withBroker(async (bus) => {
      await bus.send('mcp_sync', ['m1', 'm2', 'm3'].map(malformed));
      await bus.send('audit', [{ ...malformed('m4'), key: 'task.created' }]);
    });
    await until('all are there', async () => (await list()).length === 4);
    const idsOf = (letters: Listed[]) => letters.map(({ eventId }) => eventId).sort();
    expect(idsOf(await list('queue=mcp_sync'))).toEqual(['m1', 'm2', 'm3']);
    expect(idsOf(await list('consumer=event-log'))).toEqual(['m4']);
    expect(idsOf(await list('type=task.created'))).toEqual(['m4']);
    expect(await list('queue=nowhere')).toEqual([]);

    const paged: Listed[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const { json } = await system.call(`/v1/dlq?limit=3${cursor ? `&cursor=${cursor}` : ''}`);
      paged.push(...json.items);
      cursor = json.nextCursor;
    }
    expect(paged).toEqual(await list());

    const begun = await system.post('/v1/dlq/replay', { queue: 'mcp_sync', limit: 2 });
    expect(begun.status).toBe(202);
    expect(begun.json).toEqual({ replaying: 2 });
    const died = async (count: number) =>
      until(
        'replays are dead again',
        async () => (await list()).filter(({ history }) => history.length > 0).length === count,
      );
    await died(2);
    expect((await system.call('/v1/dlq/replay', { method: 'POST' })).json).toEqual({ replaying: 4 });
    await died(4);
    expect((await system.post('/v1/dlq/replay', { type: 'task.deleted' })).json).toEqual({ replaying: 0 });
  });

  test.each([
    ['GET', '/v1/dlq?cursor=never', 400, 'cursor-invalid'],
    ['GET', '/v1/dlq?state=alive', 400, 'request-invalid'],
    ['GET', '/v1/dlq?limit=0', 400, 'request-invalid'],
    ['GET', '/v1/dlq?colour=red', 400, 'request-invalid'],
    ['GET', '/v1/dlq/unknown', 404, 'letter-not-found'],
    ['POST', '/v1/dlq/unknown/replay', 404, 'letter-not-found'],
    ['DELETE', '/v1/dlq/a%00b', 404, 'letter-not-found'],
  ])('are asked for wrongly: %s %s is answered with %i %s', async (method, path, status, code) => {
    expect((await system.call(path, { method })).json).toMatchObject({ status, code });
  });

  test('are looked for by any text', async () => {
    expect(await list('queue=a%00b&type=%F0%9F%99%82')).toEqual([]);
    expect((await system.post('/v1/dlq/replay', { queue: 'a\0\uD83D' })).json).toEqual({ replaying: 0 });
  });

  test('take no fields that are not known, and no limit that is none', async () => {
    for (const body of [{ colour: 'red' }, { limit: 0 }, { queue: 5 }]) {
      expect((await system.post('/v1/dlq/replay', body)).json).toMatchObject({ status: 400, code: 'request-invalid' });
    }
  });

  test('are for administrators only', async () => {
    const { secret } = (await system.post('/v1/auth/keys', { name: 'an editor', role: 'editor' })).json;
    const editor = createApi(system.url, secret);
    for (const [method, path] of [
      ['GET', '/v1/dlq'],
      ['GET', '/v1/dlq/unknown'],
      ['POST', '/v1/dlq/unknown/replay'],
      ['POST', '/v1/dlq/replay'],
      ['DELETE', '/v1/dlq/unknown'],
    ] as const) {
      expect((await editor.call(path, { method })).json).toMatchObject({ status: 403, code: 'role-too-low' });
    }
  });

  // The command line finds what runs by its data directory, which separate processes do not share.
  describe.skipIf(testShape === 'processes')('by the command line', () => {
    const main = join(import.meta.dirname, '../src/main.ts');
    const dlq = (...args: string[]) =>
      runCommand(main, ['dlq', ...args, '--vault', system.vault, '--data', system.data], { WEAVE_API_KEY: testKey });
    const json = async (...args: string[]) => JSON.parse((await dlq(...args, '--json')).stdout);

    test('are listed, shown, replayed and discarded', async () => {
      expect((await dlq('list')).stdout).toBe('no dead letters\n');
      await withBroker(async (bus) => {
        await bus.send('mcp_sync', [malformed('m1')]);
        await bus.send('audit', [{ ...malformed('m2'), key: 'task.created' }]);
      });
      const [{ id: first }, { id: second }] = [await letterOf('m1'), await letterOf('m2')];
      const listed = await dlq('list');
      expect(listed).toMatchObject({ exitCode: 0, stderr: '' });
      expect(listed.stdout).toContain(`${first}  dead`);
      expect(listed.stdout).toContain('audit: task.created');
      expect((await json('list', '--type', 'task.created')).items).toMatchObject([{ id: second }]);
      expect((await json('list', '--limit', '1')).items).toHaveLength(1);
      expect((await json('list', '--state', 'replayed')).items).toEqual([]);

      expect((await dlq('show', first)).stdout).toContain(malformed('m1').body);
      expect(await json('replay', first)).toMatchObject({ id: first, state: 'replaying' });
      await until('it is dead again', async () => (await json('show', first)).history.length === 1);
      expect((await dlq('replay', '--all', '--consumer', 'event-log')).stdout).toBe(
        '1 are sent to their queues again\n',
      );
      await until('it is dead again', async () => (await show(second)).history.length === 1);

      expect((await dlq('discard', first, second)).exitCode).toBe(0);
      expect(await list()).toEqual([]);
    });

    test('are asked for wrongly with an exit code that says so', async () => {
      expect(await dlq('show', 'unknown')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('unknown') });
      expect((await dlq('discard', 'unknown')).exitCode).toBe(1);
      expect((await dlq('replay')).exitCode).toBe(2);
      expect((await dlq('replay', 'one', '--all')).exitCode).toBe(2);
      expect((await dlq('replay', 'one', '--queue', 'audit')).exitCode).toBe(2);
      expect((await dlq('list', '--limit', 'many')).exitCode).toBe(2);
      expect((await dlq('list', '--state', 'alive')).exitCode).toBe(2);
      expect((await dlq('discard')).exitCode).toBe(2);
      expect((await runCommand(main, ['dlq', 'list', '--data', '/nowhere'])).exitCode).toBe(1);
    });
  });
});
