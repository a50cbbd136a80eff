import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import type { Role, Scope } from '@weave-nn/clients';
import { systemRuntime } from '@weave-nn/config';
import { createIdentity, IDENTITY_HEADER } from '@weave-nn/service';
import { freePort, runCommand, type SpawnedSystem, spawnSystem, temporaryFolder, until } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyWorkspace, type WorkspaceCopy } from '../workspace/copy.ts';
import { namesOf } from './names.ts';
import { addItem, removeItem } from './yaml.ts';

const NAME = 'reading-list';
const TOOL = 'reading_list_most_changed';

// The checks of the house, in a copy of it, take their time on a busy machine.
describe('a new service', { timeout: 120_000 }, () => {
  let copy: WorkspaceCopy;
  let said: string;
  const generate = (...args: string[]) => copy.run(process.execPath, ['tools/new-service/main.ts', NAME, ...args]);

  beforeAll(() => {
    copy = copyWorkspace();
    said = generate();
  });
  afterAll(() => copy.remove());

  test('is code that passes the checks of the house', () => {
    expect(said).toContain(`apps/${NAME} counts how often notes change, at port 8007`);
    copy.run('biome', ['check', `apps/${NAME}`, 'apps/weave/src', 'libs/clients/src']);
    copy.run('tsc', ['-p', `apps/${NAME}`]);
  });

  test('has tests that pass, and a place in Compose and on Kubernetes that is complete', () => {
    const files = [`apps/${NAME}/test`, 'tools/deploy/docker/compose.test.ts', 'tools/deploy/kubernetes'];
    copy.run('vitest', ['run', '--project', 'embedded', ...files]);
  });

  test('works in one process with the others, behind the gateway', async () => {
    const vault = temporaryFolder('vault');
    const data = temporaryFolder('data');
    let system: SpawnedSystem | undefined;
    try {
      system = await spawnSystem({
        file: join(copy.path, 'apps/weave/src/main.ts'),
        vault: vault.path,
        data: data.path,
      });
      await system.put('A.md', 'one');
      await system.put('A.md', 'two');
      const count = () => system?.call(`/v1/${NAME}/A.md`);
      await until('both changes are counted', async () => (await count())?.json.changes === 2);
      expect((await system.call(`/v1/${NAME}`)).json.items).toEqual([{ path: 'A.md', changes: 2 }]);
      expect((await system.call(`/v1/${NAME}/B.md`)).json).toMatchObject({ status: 404, code: 'note-never-changed' });
      const [schedule] = (await system.call('/v1/system')).json.schedules;
      expect(schedule).toMatchObject({ service: NAME, name: `${NAME}-yearly-reset`, nextAt: expect.any(String) });
      const { id } = (await system.call(`/v1/${NAME}:reset`, { method: 'POST' })).json;
      const job = async () => (await system?.call(`/v1/jobs/${id}`))?.json;
      await until('the job has ended', async () => (await job()).endedAt !== null);
      expect(await job()).toMatchObject({ service: NAME, state: 'succeeded', result: { notes: 1 } });
      expect((await system.call(`/v1/${NAME}`)).json.items).toEqual([]);
      expect(await system.kill('SIGTERM')).toMatchObject({ exitCode: 0 });
    } finally {
      await system?.kill('SIGKILL');
      vault.remove();
      data.remove();
    }
  });

  test('works alone', async () => {
    const data = temporaryFolder('data');
    const main = join(copy.path, 'apps', NAME, 'src/main.ts');
    const environment = { DATA_DIR: data.path, SERVICE_SIGNING_KEY: 'a-signing-key-for-tests-0123456789abcdef' };
    try {
      const migrated = await runCommand(main, ['migrate'], environment);
      expect(migrated.stdout).toContain(`${NAME}: ran 001.do.change-counts.sql`);
      const url = `http://127.0.0.1:${await freePort()}`;
      const child = spawn(process.execPath, [main], {
        env: { ...process.env, ...environment, PORT: new URL(url).port },
      });
      const ended = once(child, 'exit');
      await until('it is ready', async () => (await fetch(`${url}/ready`)).ok);
      expect((await fetch(`${url}/v1/${NAME}`)).status).toBe(401);
      const identity = createIdentity(environment.SERVICE_SIGNING_KEY, systemRuntime);
      const headersFor = (role: Role, scopes: Scope[]) => ({
        [IDENTITY_HEADER]: identity.sign(NAME, { id: 'key:test', role, scopes, client: null }),
        'content-type': 'application/json',
      });
      const tools = async (scopes: Scope[]) => {
        const answer = await fetch(`${url}/internal/mcp/tools`, { headers: headersFor('reader', scopes) });
        return ((await answer.json()) as { items: unknown[] }).items;
      };
      expect(await tools([])).toMatchObject([{ name: TOOL, inputSchema: { type: 'object' } }]);
      expect(await tools(['tasks:read'])).toEqual([]);
      const call = async (body: object, scopes: Scope[] = []) => {
        const headers = headersFor('reader', scopes);
        const request = { method: 'POST', headers, body: JSON.stringify(body) };
        return (await fetch(`${url}/internal/mcp/tools/${TOOL}`, request)).json();
      };
      expect(await call({})).toEqual({ items: [] });
      expect(await call({ limit: 0 })).toMatchObject({ status: 400, code: 'request-invalid' });
      expect(await call({}, ['tasks:read'])).toMatchObject({ status: 403, code: 'scope-missing' });
      child.kill('SIGTERM');
      expect(await ended).toEqual([0, null]);
    } finally {
      data.remove();
    }
  });

  test('is removed without a trace', () => {
    expect(copy.run('git', ['status', '--short'])).not.toBe('');
    generate('--remove');
    expect(copy.run('git', ['status', '--short'])).toBe('');
  });
});

describe('the generator', () => {
  test.each(['Reading', 'a_b', '-a', 'a--b', '1a', '../a', 'a'.repeat(41)])('refuses the name %s', (name) => {
    expect(() => namesOf(name)).toThrow('a service is named by');
  });

  const manifest = 'a: # first\n  - one\n  - { name: two }\n# end\nb:\n  c:\n    d: [1]\n  e: f # g\n';

  test('adds items to the ends of lists and maps, and takes them out again', () => {
    const listed = addItem(manifest, ['a'], '  - three\n');
    expect(listed).toBe(manifest.replace('# end', '  - three\n# end'));
    expect(removeItem(listed, ['a'], 'three')).toBe(manifest);
    expect(removeItem(manifest, ['a'], '{ name: two }')).toBe(manifest.replace('  - { name: two }\n', ''));
    const mapped = addItem(manifest, ['b'], '  h:\n    i: j\n');
    expect(mapped).toBe(`${manifest}  h:\n    i: j\n`);
    expect(removeItem(mapped, ['b'], 'h')).toBe(manifest);
    expect(removeItem(manifest, ['b'], 'c')).toBe(manifest.replace('  c:\n    d: [1]\n', ''));
  });

  test('says what it does not find', () => {
    expect(() => addItem(manifest, ['x'], '  - y\n')).toThrow('there is no list or map at x');
    expect(() => removeItem(manifest, ['a'], 'x')).toThrow('there is no x at a');
  });
});
