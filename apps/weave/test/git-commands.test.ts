import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  runCommand,
  type SpawnedSystem,
  spawnSystem,
  temporaryFolder,
  testKey,
  until,
  writeFiles,
} from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { gitIn, isolated } from './fixture/repository.ts';

const file = join(import.meta.dirname, '../src/main.ts');
const [vault, data] = [temporaryFolder('vault'), temporaryFolder('data')];
const weave = (...args: string[]) =>
  runCommand(file, [...args, '--vault', vault.path, '--data', data.path], { WEAVE_API_KEY: testKey, ...isolated });

describe('weave', () => {
  let system: SpawnedSystem | undefined;
  beforeAll(() => writeFiles(vault.path, { 'Kept/Note.md': 'as it was\n' }));
  afterAll(async () => {
    await system?.kill('SIGKILL');
    vault.remove();
    data.remove();
  });

  test('says in doctor that a vault has no history, without taking that for wrong', async () => {
    const doctor = await weave('doctor');
    expect(doctor.stdout).toMatch(/^ok {4}history: the vault is not a git repository; .* GIT_AUTO_INIT=true/m);
  });

  test('lists the history of a note, shows what restoring would change, and restores', async () => {
    system = await spawnSystem({
      file,
      vault: vault.path,
      data: data.path,
      environment: { ...isolated, GIT_AUTO_INIT: 'true', GIT_COMMIT_QUIET_MS: '60' },
    });
    const person = gitIn(vault.path);
    await until('it is committed', () => person.tryGit('rev-parse', 'HEAD').status === 0);
    writeFileSync(join(vault.path, 'Kept/Note.md'), 'changed\n');
    await until('it is committed', () => person.tryGit('show', 'HEAD:Kept/Note.md').stdout === 'changed\n');
    expect((await weave('doctor')).stdout).toMatch(/^ok {4}history: changes are committed to main/m);

    const history = await weave('history', 'Kept/Note.md');
    expect(history).toMatchObject({ exitCode: 0, stderr: '' });
    expect(history.stdout).toMatch(
      /^[0-9a-f]{10} {2}\d{4}-\d\d-\d\d \d\d:\d\d {2}Update Kept\/Note\.md {2}watcher\n[0-9a-f]{10} .* {2}Add Kept\/Note\.md {2}watcher\n$/,
    );
    const { items } = JSON.parse((await weave('history', '--json', '--limit', '1')).stdout);
    expect(items).toMatchObject([{ sha: person.head(), subject: 'Update Kept/Note.md' }]);

    const then = person.git('rev-parse', '--short', 'HEAD~1').trim();
    const dry = await weave('restore', 'Kept', '--at', then, '--dry-run');
    expect(dry.stdout).toContain('-changed\n+as it was');
    const restored = await weave('restore', 'Kept', '--at', then);
    expect(restored).toMatchObject({ exitCode: 0, stdout: 'Kept/Note.md is restored\n' });
    expect((await system.call('/v1/files/Kept/Note.md')).text).toBe('as it was\n');
    const again = JSON.parse((await weave('restore', 'Kept', '--at', then, '--json')).stdout);
    expect(again).toEqual({ changed: [] });
    expect(await weave('restore', 'Kept', '--at', 'beef')).toMatchObject({
      exitCode: 1,
      stderr: 'weave: the repository has no commit beef\n',
    });
    expect((await weave('restore', 'Kept')).exitCode).toBe(2);
  });

  test('says in doctor which settings keep back what the repository asks for', async () => {
    const person = gitIn(vault.path);
    const hooks = join(vault.path, '.git/hooks');
    writeFiles(vault.path, { '.git/hooks/commit-msg': '#!/bin/sh\n' });
    chmodSync(join(hooks, 'commit-msg'), 0o755);
    person.git('config', 'commit.gpgsign', 'true');
    await system?.kill('SIGTERM');
    system = await spawnSystem({
      file,
      vault: vault.path,
      data: data.path,
      environment: { ...isolated, GIT_COMMIT_HOOKS: 'false', GIT_COMMIT_SIGN: 'false' },
    });
    const { stdout } = await weave('doctor');
    expect(stdout).toMatch(/GIT_COMMIT_HOOKS=false .*commit-msg/);
    expect(stdout).toContain('GIT_COMMIT_SIGN=false');
  });
});
