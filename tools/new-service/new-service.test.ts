import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { freePort, runCommand, type SpawnedSystem, spawnSystem, temporaryFolder, until } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { copyWorkspace, type WorkspaceCopy } from '../workspace/copy.ts';
import { addText, removeText, sharedTexts } from './lines.ts';
import { namesOf } from './names.ts';

const NAME = 'reading-list';

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
  const names = namesOf(NAME);

  test.each(['Reading', 'a_b', '-a', 'a--b', '1a', '../a', 'a'.repeat(41)])('refuses the name %s', (name) => {
    expect(() => namesOf(name)).toThrow('a service is named by');
  });

  test('says where it finds no place, and what it cannot take out', () => {
    for (const each of sharedTexts(names, 8007, 'x\n')) {
      expect(() => addText('something else', each)).toThrow(each.file);
      expect(() => removeText('something else', each)).toThrow('take it out by hand');
    }
  });
});
