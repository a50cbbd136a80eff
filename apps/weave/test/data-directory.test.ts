import { chmodSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { createProcess } from '@weave-nn/service';
import { createApi, temporaryFolder, until, writeFiles } from '@weave-nn/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { services } from '../src/services.ts';
import { gitIn, isolated } from './fixture/repository.ts';

const usualUmask = process.umask();
let vault: ReturnType<typeof temporaryFolder>;
let data: ReturnType<typeof temporaryFolder>;

beforeEach(() => {
  vault = temporaryFolder('modes-vault');
  data = temporaryFolder('modes-data');
});
afterEach(() => {
  process.umask(usualUmask);
  vault.remove();
  data.remove();
});

/** Everything in a folder that somebody else than its owner could use, with its mode. */
function sharedIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true }).flatMap((entry) => {
    const path = join(entry.parentPath, entry.name);
    const mode = statSync(path).mode & 0o777;
    const expected = entry.isDirectory() ? 0o700 : 0o600;
    return mode === expected ? [] : [`${relative(folder, path)} ${mode.toString(8)}`];
  });
}

/** Does something that every service keeps something of, and answers what others could use of it meanwhile and after. */
async function work(): Promise<{ shared: string[]; names: string[] }> {
  const running = await createProcess({
    definitions: services,
    version: 'test',
    environment: {
      VAULT_PATH: vault.path,
      DATA_DIR: data.path,
      PORT: '0',
      LOG_LEVEL: 'silent',
      GIT_AUTO_INIT: 'true',
      GIT_COMMIT_QUIET_MS: '10',
      ...isolated,
    },
  });
  try {
    const api = createApi(await running.start(), running.secret('api-key').value);
    await until('ready', async () => (await api.call('/ready')).status === 200);
    expect((await api.put(`Note ${Date.now()}.md`, '- [ ] Water it\n')).status).toBe(201);
    await api.post('/v1/auth/keys', { name: 'reader', role: 'reader' });
    await until('it is committed', async () => {
      const { pending } = (await api.call('/v1/git/status')).json;
      return pending.waiting + pending.changes === 0;
    });
    await until('it is indexed', async () => (await api.call('/v1/system')).json.index.waiting === 0);
    return { shared: sharedIn(data.path), names: readdirSync(data.path, { recursive: true, encoding: 'utf8' }) };
  } finally {
    await running.stop();
  }
}

test('what is made in a data directory is its owner’s only, whatever the mode of the folder and the umask are', async () => {
  chmodSync(data.path, 0o777);
  process.umask(0);
  const { shared, names } = await work();
  expect(shared).toEqual([]);
  expect(names).toEqual(
    expect.arrayContaining([
      ...['api-key', 'signing-key', 'instance.json', 'lock.db', 'broker.db', 'gateway.db', 'file.db', 'file.db-wal'],
      ...['file.db-shm', 'git', join('git', 'index')],
    ]),
  );
  expect(sharedIn(data.path)).toEqual([]);
  expect(statSync(data.path).mode & 0o777).toBe(0o777);
});

test('databases that were left readable to others are so no longer', async () => {
  await work();
  for (const name of readdirSync(data.path).filter((each) => each.endsWith('.db'))) {
    chmodSync(join(data.path, name), 0o644);
    for (const suffix of ['-wal', '-shm']) writeFileSync(join(data.path, name + suffix), '', { mode: 0o644 });
  }
  expect((await work()).shared).toEqual([]);
});

test('a note and a commit have the mode that others make them with', async () => {
  process.umask(0o022);
  writeFiles(vault.path, { 'Old.md': 'old\n' });
  await work();
  const made = readdirSync(vault.path).filter((name) => name.startsWith('Note '));
  expect(made.map((name) => statSync(join(vault.path, name)).mode & 0o777)).toEqual([0o644]);
  const objects = join(vault.path, '.git', 'objects');
  const { git } = gitIn(vault.path);
  const sha = git('rev-parse', 'HEAD').trim();
  expect(statSync(join(objects, sha.slice(0, 2), sha.slice(2))).mode & 0o777).toBe(0o444);
});
