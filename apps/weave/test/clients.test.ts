import { gatewayService } from '@weave-nn/gateway/service';
import { createProcess, inCallContext, type WeaveProcess } from '@weave-nn/service';
import {
  claimServers,
  deployProcesses,
  hasServers,
  temporaryFolder,
  testKey,
  until,
  writeFiles,
} from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';

const SIGNING_KEY = 'a-signing-key-for-clients-0123456789';
/** More than one page of the manifest. */
const MANY = 1_050;
const principal = { id: 'key:test', role: 'editor', client: null } as const;

const files = {
  'Garden.md': '---\ntags: [home]\n---\n# Garden\n\nTomatoes.\n',
  'Plan.md': '# Plan\n\nSee [[Garden|the garden]] and ![[Garden#Garden]].\n',
  'Attachments/data.bin': '\u0000\u0001binary',
  ...Object.fromEntries(Array.from({ length: MANY }, (_, index) => [`Many/${index}.md`, `number ${index}\n`])),
};

/** A process whose clients are tried, with all that it needs. */
interface Caller {
  clients: WeaveProcess['clients'];
  remove(): Promise<void>;
}

async function callWithin(vault: string, data: string): Promise<Caller> {
  const environment = { VAULT_PATH: vault, DATA_DIR: data, PORT: '0', LOG_LEVEL: 'silent' };
  const running = await createProcess({ definitions: services, version: 'test', environment });
  await running.start();
  return { clients: running.clients, remove: running.stop };
}

async function callAcross(vault: string, data: string): Promise<Caller> {
  const servers = await claimServers();
  const shared = { ...servers.environment, SERVICE_SIGNING_KEY: SIGNING_KEY, WEAVE_API_KEY: testKey };
  const deployed = await deployProcesses({ ...shared, VAULT_PATH: vault, DATA_DIR: data });
  const running = await createProcess({
    definitions: [gatewayService],
    version: 'test',
    environment: { ...shared, ...deployed.addresses, DATA_DIR: `${data}/caller`, LOG_LEVEL: 'silent' },
  });
  return {
    clients: running.clients,
    async remove() {
      await running.stop();
      await deployed.stop();
      await servers.remove();
    },
  };
}

const ways = [
  { way: 'mounted in the same process', start: callWithin, isPossible: true },
  { way: 'in other processes', start: callAcross, isPossible: await hasServers() },
];

describe.each(ways)('services $way', ({ start, isPossible }) => {
  if (!isPossible) {
    test.skip('the servers do not answer');
    return;
  }
  const vault = temporaryFolder('vault');
  const data = temporaryFolder('data');
  let caller: Caller;
  let clients: Caller['clients'];

  beforeAll(async () => {
    writeFiles(vault.path, files);
    caller = await start(vault.path, data.path);
    clients = caller.clients;
    await until('everything is indexed', async () => {
      const status = await clients.mcpSync.status();
      return status.files === Object.keys(files).length && status.waiting === 0;
    });
  }, 120_000);
  afterAll(async () => {
    await caller?.remove();
    vault.remove();
    data.remove();
  });

  test('answer bytes, hash and sequence of each path in the order asked, and which are not there', async () => {
    const states = await clients.file.read(['Plan.md', 'Nowhere.md', 'Attachments/data.bin', 'Garden.md']);
    expect(states).toMatchObject([
      { path: 'Plan.md', deleted: false, sequence: 1, content: files['Plan.md'], warning: null },
      { path: 'Nowhere.md', deleted: true, sequence: 0 },
      { path: 'Attachments/data.bin', deleted: false, content: null, size: 8 },
      { path: 'Garden.md', deleted: false, content: files['Garden.md'] },
    ]);
    expect(await clients.file.read([])).toEqual([]);
  });

  test('answer more files than one request carries, in the order asked', async () => {
    const paths = Object.keys(files).sort().reverse();
    expect((await clients.file.read(paths)).map(({ path }) => path)).toEqual(paths);
  });

  test('hand on the whole manifest in its order, page by page', async () => {
    const pages: string[][] = [];
    for await (const items of clients.file.manifest()) pages.push(items.map(({ path }) => path));
    expect(pages.length).toBeGreaterThan(1);
    expect(pages.flat()).toEqual(Object.keys(files).sort((one, other) => (one < other ? -1 : 1)));
  });

  test('answer a note with what was found in it', async () => {
    expect(await clients.file.note('Garden.md')).toMatchObject({
      content: files['Garden.md'],
      frontmatter: { tags: ['home'] },
      headings: [{ level: 1, text: 'Garden' }],
    });
  });

  test('say that there is no such note, and refuse a path that leaves the vault, each with its code', async () => {
    await expect(clients.file.note('Nowhere.md')).rejects.toMatchObject({ status: 404, code: 'file-not-found' });
    await expect(clients.file.note('a/../../b.md')).rejects.toMatchObject({ status: 400, code: 'path-outside-vault' });
    await expect(clients.mcpSync.backlinks('Nowhere.md', 10)).rejects.toMatchObject({
      status: 404,
      code: 'note-not-found',
    });
  });

  test('answer what links to a note', async () => {
    const links = await clients.mcpSync.backlinks('Garden.md', 10);
    expect(links).toMatchObject([
      { source: 'Plan.md', target: 'Garden.md', alias: 'the garden', embed: false },
      { source: 'Plan.md', target: 'Garden.md', embed: true },
    ]);
    expect(await clients.mcpSync.backlinks('Garden.md', 1)).toHaveLength(1);
  });

  test('wait for a state of a path, and say when it did not come in time', async () => {
    expect(await clients.mcpSync.waitApplied('Plan.md', 1, 5_000)).toBe(true);
    expect(await clients.mcpSync.waitApplied('Plan.md', 99, 50)).toBe(false);
  });

  test('wait for the end of a path, whether its file was moved away or deleted, and find it no more then', async () => {
    const paths = ['Going/Moved.md', 'Going/Deleted.md'] as const;
    await clients.file.change(paths.map((path) => ({ op: 'put', path, content: 'See [[Garden]].\n' })));
    for (const path of paths) expect(await clients.mcpSync.waitApplied(path, 1, 10_000)).toBe(true);
    const [moved, deleted] = await clients.file.change([
      { op: 'move', from: 'Going/Moved.md', to: 'Gone.md' },
      { op: 'delete', path: 'Going/Deleted.md' },
    ]);
    expect(moved).toMatchObject({ path: 'Gone.md', sequence: 1, from: 'Going/Moved.md', fromSequence: 2 });
    expect(deleted).toMatchObject({ path: 'Going/Deleted.md', sequence: 2 });
    for (const path of paths) {
      expect(await clients.mcpSync.waitApplied(path, 2, 10_000)).toBe(true);
      await expect(clients.mcpSync.backlinks(path, 10)).rejects.toMatchObject({ code: 'note-not-found' });
      expect(await clients.mcpSync.waitApplied(path, 3, 50)).toBe(false);
    }
    const [gone] = await clients.file.change([{ op: 'delete', path: 'Gone.md' }]);
    expect(await clients.mcpSync.waitApplied('Gone.md', gone?.sequence ?? 0, 10_000)).toBe(true);
  });

  test('find themselves in agreement, also after the index was built anew', async () => {
    expect((await clients.file.status()).unsent).toBe(0);
    const { id } = await clients.mcpSync.rebuild();
    await until('the rebuild has ended', async () => (await clients.mcpSync.jobs.find(id)).endedAt !== null);
    const job = await clients.mcpSync.jobs.find(id);
    expect(job).toMatchObject({ state: 'succeeded', result: { files: Object.keys(files).length } });
    expect((await clients.mcpSync.jobs.list({ limit: 1 })).map((each) => each.id)).toEqual([id]);
    await expect(clients.mcpSync.jobs.cancel(id)).rejects.toMatchObject({ status: 409, code: 'job-ended' });
    await expect(clients.file.jobs.find(id)).rejects.toMatchObject({ status: 404, code: 'job-not-found' });
    const checks = [await clients.file.verify(), await clients.mcpSync.verify()].flatMap((each) => each.checks);
    expect(checks.length).toBeGreaterThan(1);
    expect(checks.flatMap(({ disagreements }) => disagreements)).toEqual([]);
  });

  test('keep a task in its note, refuse what does not fit, and find it by its filters', async () => {
    const { task } = clients;
    const made = await task.create({ title: 'Water the tomatoes', tags: ['home'], source: { path: 'Todo.md' } });
    expect(made).toMatchObject({ status: 'todo', tags: ['#home'], source: { path: 'Todo.md', line: 1 } });
    expect((await clients.file.note('Todo.md')).content).toBe('- [ ] Water the tomatoes #home\n');
    const changed = await task.change(made.id, { priority: 'high', dueDate: '2030-01-31' });
    expect((await clients.file.note('Todo.md')).content).toContain('Water the tomatoes #home ⏫ 📅 2030-01-31');
    await expect(task.change(made.id, { title: 'Stale' }, '"stale"')).rejects.toMatchObject({
      status: 412,
      code: 'precondition-failed',
    });
    expect((await task.list({ path: 'Todo.md', completed: false })).items).toEqual([changed]);
    expect(await task.complete(made.id)).toMatchObject({ completed: true, status: 'done' });
    expect((await task.list({ path: 'Todo.md', completed: false })).items).toEqual([]);
    await expect(task.find('nothing')).rejects.toMatchObject({ status: 404, code: 'task-not-found' });
    expect((await task.verify()).checks.flatMap(({ disagreements }) => disagreements)).toEqual([]);
  });

  test('say that the vault has no history while it is no repository', async () => {
    expect(await clients.git.status()).toMatchObject({ state: 'off', problem: { code: 'repository-missing' } });
    await expect(clients.git.history('Plan.md', 5)).rejects.toMatchObject({ code: 'repository-missing' });
  });

  test('are not called for somebody who waits no longer', async () => {
    const late = { principal, requestId: null, deadline: 0 };
    await expect(inCallContext(late, () => clients.file.status())).rejects.toMatchObject({
      status: 504,
      code: 'service-timeout',
    });
  });

  test('are waited for as long as the caller has time, and no longer', async () => {
    const deadline = performance.now() + 100;
    const waiting = inCallContext({ principal, requestId: null, deadline }, () =>
      clients.mcpSync.waitApplied('Plan.md', 99, 20_000),
    );
    await expect(waiting).rejects.toMatchObject({ status: 504, code: 'service-timeout' });
  });
});
