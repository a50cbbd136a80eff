import { fileURLToPath } from 'node:url';
import {
  type Api,
  createApi,
  spawnSystem,
  startSystem,
  type TestSystem,
  temporaryFolder,
  testKey,
  testShape,
  until,
  writeFiles,
} from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';

const NOTES = 300;
const file = fileURLToPath(new URL('../src/main.ts', import.meta.url));
const unknown = '00000000-0000-7000-8000-000000000000';

let system: TestSystem;
let job: string;

const rebuild = async (api: Api) => (await api.call('/v1/system/rebuild', { method: 'POST' })).json.id as string;
const stateOf = async (api: Api, id: string) => (await api.call(`/v1/jobs/${id}`)).json;

async function ended(api: Api, id: string) {
  await until('the job has ended', async () => (await stateOf(api, id)).endedAt !== null);
  return stateOf(api, id);
}

beforeAll(async () => {
  system = await startSystem({ definitions: services, files: { 'A.md': 'a #tag\n', 'B.md': '[[A]]\n' } });
  await system.settled();
  // An empty read side beside files that are there fills itself.
  await until('no rebuild is under way', async () => !(await system.call('/v1/system')).json.index.rebuilding);
  job = await rebuild(system);
  await ended(system, job);
});
afterAll(() => system.stop());

describe('a job', () => {
  test('is found whichever service runs it, with its result', async () => {
    expect(await stateOf(system, job)).toMatchObject({
      id: job,
      service: 'mcp-sync',
      kind: 'index-rebuild',
      state: 'succeeded',
      completedSteps: ['clear', 'fill'],
      attempt: 1,
      result: { files: 2 },
      error: null,
      requestedBy: 'key:default',
    });
    expect((await system.call('/v1/tags')).json.items).toEqual([{ tag: 'tag', count: 1 }]);
  });

  test('streams how far it is, until it has ended', async () => {
    const id = await rebuild(system);
    const response = await fetch(`${system.url}/v1/jobs/${id}`, {
      headers: { authorization: `Bearer ${testKey}`, accept: 'text/event-stream' },
    });
    expect(response.headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    const blocks = (await response.text()).trim().split('\n\n');
    const [name, data = ''] = blocks.at(-1)?.split('\n') ?? [];
    expect(name).toBe('event: job');
    expect(JSON.parse(data.slice('data: '.length))).toMatchObject({ id, state: 'succeeded' });
  });

  test('that nobody knows, or that has ended, is refused', async () => {
    expect(await stateOf(system, unknown)).toMatchObject({ status: 404, code: 'job-not-found' });
    expect(await stateOf(system, 'x')).toMatchObject({ status: 404, code: 'job-not-found' });
    const cancelled = await system.call(`/v1/jobs/${job}/cancel`, { method: 'POST' });
    expect(cancelled.json).toMatchObject({ status: 409, code: 'job-ended' });
    expect((await system.call('/v1/jobs?cursor=x')).json).toMatchObject({ status: 400, code: 'cursor-invalid' });
    expect((await system.call('/v1/jobs?state=lost')).json).toMatchObject({ status: 400, code: 'request-invalid' });
  });

  test('is seen only by a key that may see its kind', async () => {
    const { json } = await system.post('/v1/auth/keys', { name: 'reader', role: 'reader' });
    const reader = createApi(system.url, json.secret);
    expect((await reader.call('/v1/jobs')).json).toEqual({ items: [], nextCursor: null, unavailable: [] });
    expect(await stateOf(reader, job)).toMatchObject({ status: 404, code: 'job-not-found' });
    const cancelled = await reader.call(`/v1/jobs/${job}/cancel`, { method: 'POST' });
    expect(cancelled.json).toMatchObject({ status: 404, code: 'job-not-found' });
  });
});

test('jobs are listed page by page, the newest first, and filtered', async () => {
  for (let count = 0; count < 2; count++) await ended(system, await rebuild(system));
  const all = (await system.call('/v1/jobs?kind=index-rebuild')).json.items.map(({ id }: { id: string }) => id);
  expect(all.length).toBeGreaterThanOrEqual(3);
  expect(all).toEqual(all.toSorted().toReversed());
  const paged: string[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const { json } = await system.call(`/v1/jobs?limit=2${cursor === '' ? '' : `&cursor=${cursor}`}`);
    paged.push(...json.items.map(({ id }: { id: string }) => id));
    cursor = json.nextCursor;
  }
  expect(paged).toEqual(all);
  expect((await system.call('/v1/jobs?state=failed')).json.items).toEqual([]);
});

// Only the one process is spawned here as people start it; the processes of the others run the same code.
describe.runIf(testShape === 'embedded')('a job whose process is killed', () => {
  test('is continued by the next one, also when it was cancelled meanwhile', async () => {
    const vault = temporaryFolder('vault');
    const data = temporaryFolder('data');
    const start = () => spawnSystem({ file, vault: vault.path, data: data.path });
    const notes = Array.from({ length: NOTES }, (_, index) => [`${index}.md`, `# ${index}\n\n${'word '.repeat(500)}`]);
    writeFiles(vault.path, Object.fromEntries(notes));
    let running = await start();
    try {
      await until('all is indexed', async () => {
        const { files, waiting } = (await running.call('/v1/system')).json.index;
        return files === NOTES && waiting === 0;
      });
      const killed = await rebuild(running);
      await until('it has begun', async () => (await stateOf(running, killed)).state !== 'queued');
      await running.kill('SIGKILL');
      running = await start();
      expect(await ended(running, killed)).toMatchObject({ state: 'succeeded', result: { files: NOTES } });

      const cancelled = await rebuild(running);
      await running.call(`/v1/jobs/${cancelled}/cancel`, { method: 'POST' });
      await running.kill('SIGKILL');
      running = await start();
      expect((await ended(running, cancelled)).state).toMatch(/cancelled|succeeded/);
      expect((await running.call('/v1/search?q=word&limit=1')).json.total).toBe(NOTES);
    } finally {
      await running.kill('SIGTERM');
      vault.remove();
      data.remove();
    }
  });
});
