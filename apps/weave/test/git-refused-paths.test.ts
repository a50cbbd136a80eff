import { chmodSync, mkdirSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSystem, type TestSystem, until } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';
import { note, openRemoteWorld } from './fixture/remote.ts';
import { type gitIn, initialise, isolated } from './fixture/repository.ts';

const isRoot = process.getuid?.() === 0;

describe('a path that cannot be committed', () => {
  let system: TestSystem;
  let person: ReturnType<typeof gitIn>;
  const write = (path: string, text = 'text\n') => writeFileSync(join(system.vault, path), text);
  const commit = async () => (await system.post('/v1/git/commit', {})).json;
  const has = (path: string) => person.tryGit('cat-file', '-e', `HEAD:${path}`).status === 0;
  const findings = async () => (await system.call('/v1/git/status')).json.findings;

  beforeAll(async () => {
    system = await startSystem({
      definitions: services,
      environment: { ...isolated, GIT_COMMIT_QUIET_MS: '60' },
      prepare(folder) {
        person = initialise(folder);
        mkdirSync(join(folder, 'Folder'));
        for (const path of ['Folder/Inside.md', 'Plain.md', 'corrupt.md']) writeFileSync(join(folder, path), 'text\n');
        person.git('add', '-A');
        person.git('commit', '-qm', 'Begin');
      },
    });
  });
  afterAll(() => system.stop());

  test('is listed with its reason, and every other is committed', async () => {
    write('GIT~1');
    write('git~1');
    for (let count = 0; count < 5; count++) write(`Fine ${count}.md`);
    const { blocked } = await commit();
    for (let count = 0; count < 5; count++) expect(has(`Fine ${count}.md`)).toBe(true);
    expect(blocked.map(({ path, rule }: Record<string, string>) => [path, rule])).toEqual([
      ['GIT~1', 'git'],
      ['git~1', 'git'],
    ]);
    expect((await findings()).map(({ path }: { path: string }) => path)).toEqual(['GIT~1', 'git~1']);
    for (const path of ['GIT~1', 'git~1']) rmSync(join(system.vault, path));
    await until('nothing is kept back', async () => {
      await commit();
      return (await findings()).length === 0;
    });
  });

  test.skipIf(isRoot)('is one that cannot be read, whatever it is called', async () => {
    write('corrupt.md', 'changed\n');
    chmodSync(join(system.vault, 'corrupt.md'), 0);
    write('Readable.md');
    expect((await commit()).blocked).toMatchObject([{ path: 'corrupt.md', rule: 'git' }]);
    expect(has('Readable.md')).toBe(true);
    chmodSync(join(system.vault, 'corrupt.md'), 0o644);
    await commit();
    expect(person.git('show', 'HEAD:corrupt.md')).toBe('changed\n');
  });

  test('is none where a folder became a link, and a note a folder', async () => {
    await system.put('Before.md', 'before\n');
    await commit();
    rmSync(join(system.vault, 'Folder'), { recursive: true });
    symlinkSync('/', join(system.vault, 'Folder'));
    rmSync(join(system.vault, 'Plain.md'));
    mkdirSync(join(system.vault, 'Plain.md'));
    write('Plain.md/Inside.md');
    write('Beside.md');
    await until('all is committed', async () => {
      expect((await commit()).blocked).toEqual([]);
      return person.git('status', '--porcelain') === '';
    });
    expect(person.git('ls-tree', '-r', 'HEAD', 'Folder', 'Plain.md')).toMatch(
      /^120000 blob \w+\tFolder\n100644 blob \w+\tPlain\.md\/Inside\.md\n$/,
    );
    expect(await findings()).toEqual([]);
  });
});

test('a remote with a path that git does not take here leaves the vault committing', async () => {
  const world = await openRemoteWorld('merge');
  try {
    world.other.git('config', 'core.protectNTFS', 'false');
    world.push('git~1', note);
    expect((await world.sync()).json).toMatchObject({ status: 409, code: 'remote-path-invalid' });
    await world.system.put('Still.md', 'committed\n');
    await until('it is committed', () => world.vault.tryGit('show', 'HEAD:Still.md').stdout === 'committed\n');
    expect((await world.system.call('/v1/git/status')).json.remote.problem.detail).toContain('git~1');
    world.other.git('rm', '-q', '--', 'git~1');
    world.other.git('commit', '-qm', 'Remove it');
    world.other.git('push', '-q', 'origin', 'HEAD:main');
    expect((await world.sync()).json).toMatchObject({ state: 'synchronised', pushed: true });
  } finally {
    await world.stop();
  }
});
