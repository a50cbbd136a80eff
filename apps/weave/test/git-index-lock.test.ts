import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSystem, type TestSystem, until } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';
import { type gitIn, initialise, isolated } from './fixture/repository.ts';

describe('a repository whose index is locked', () => {
  let system: TestSystem;
  let person: ReturnType<typeof gitIn>;
  const lock = () => join(system.vault, '.git/index.lock');
  const problem = async () => (await system.call('/v1/git/status')).json.problem?.code ?? null;
  const committed = (path: string, content: string) =>
    until(`${path} is committed`, () => person.tryGit('show', `HEAD:${path}`).stdout === content);
  const followed = () => until('the index has followed', () => person.git('status', '--porcelain') === '');
  const deletions = () => person.git('log', '--format=', '--diff-filter=D', '--name-only').trim();

  /** The owner's commit, which waits in an editor until it is let go on. */
  async function openEditor(...args: string[]) {
    const [opened, closed] = ['opened', 'closed'].map((name) => join(system.data, name)) as [string, string];
    const editor = join(system.data, 'editor');
    const wait = `while [ ! -e '${closed}' ]; do sleep 0.02; done`;
    writeFileSync(editor, `#!/bin/sh\ntouch '${opened}'\n${wait}\necho "By hand" > "$1"\n`);
    chmodSync(editor, 0o755);
    const child = spawn('git', ['commit', '-q', ...args], {
      cwd: system.vault,
      env: { ...process.env, GIT_EDITOR: editor },
      stdio: 'ignore',
    });
    const ended = once(child, 'exit');
    await until('the editor is open', () => existsSync(opened));
    return async () => {
      writeFileSync(closed, '');
      const [code] = await ended;
      for (const each of [opened, closed]) rmSync(each);
      return code;
    };
  }

  beforeAll(async () => {
    system = await startSystem({
      definitions: services,
      environment: { ...isolated, GIT_COMMIT_QUIET_MS: '60' },
      prepare(folder) {
        person = initialise(folder);
        for (const name of ['Base', 'Other']) writeFileSync(join(folder, `${name}.md`), `${name}\n`);
        person.git('add', '-A');
        person.git('commit', '-qm', 'Begin');
      },
    });
  });
  afterAll(() => system.stop());

  test('gets no commit until the lock is gone, and says what holds it', async () => {
    const before = person.head();
    writeFileSync(lock(), '');
    await system.put('Locked.md', 'locked\n');
    await until('the status says so', async () => (await problem()) === 'repository-locked');
    const { state, problem: said } = (await system.call('/v1/git/status')).json;
    expect(state).toBe('waiting');
    expect(said.detail).toContain('index.lock');
    expect((await system.post('/v1/git/commit', {})).json).toMatchObject({ status: 503, code: 'repository-locked' });
    expect(person.head()).toBe(before);
    rmSync(lock());
    await committed('Locked.md', 'locked\n');
    await followed();
    await until('nothing stands in the way', async () => (await problem()) === null);
  });

  test.each([
    ['git commit -a', ['-a']],
    ['git commit FILE', ['Base.md']],
  ])('waits while the editor of %s is open, and loses nothing afterwards', async (name, args) => {
    writeFileSync(join(system.vault, 'Base.md'), `by hand: ${name}\n`);
    await committed('Base.md', `by hand: ${name}\n`);
    writeFileSync(join(system.vault, 'Other.md'), `${name}\n`);
    await committed('Other.md', `${name}\n`);
    await followed();
    const goOn = await openEditor('--allow-empty', ...args);
    const before = person.head();
    const path = `While ${args[0]} is open.md`;
    await system.put(path, 'meanwhile\n');
    await until('it waits', async () => (await problem()) === 'repository-locked');
    expect(person.head()).toBe(before);
    expect(await goOn()).toBe(0);
    await committed(path, 'meanwhile\n');
    await followed();
    expect(person.subjects()).toContain('By hand');
    expect(deletions()).toBe('');
  });

  test('keeps what the owner has staged out of its commits, and staged', async () => {
    writeFileSync(join(system.data, 'staged'), 'staged only\n');
    const blob = person.git('hash-object', '-w', join(system.data, 'staged')).trim();
    person.git('update-index', '--cacheinfo', `100644,${blob},Base.md`);
    const before = person.git('show', 'HEAD:Base.md');
    await system.put('Beside.md', 'beside\n');
    await system.put('Other.md', 'other again\n');
    await committed('Other.md', 'other again\n');
    expect(person.git('show', 'HEAD:Base.md')).toBe(before);
    await until('the index has followed', () => person.git('diff', '--cached', '--name-only').trim() === 'Base.md');
    expect(person.git('show', ':Base.md')).toBe('staged only\n');
    person.git('reset', '-q');
  });

  test('loses no note to commits of an index that the owner makes in the same moment', async () => {
    const paths = Array.from({ length: 25 }, (_, count) => `Race/${count}.md`);
    for (const [count, path] of paths.entries()) {
      await system.put(path, 'kept\n');
      person.tryGit('commit', '-q', '--allow-empty', '-m', `By hand ${count}`);
      person.tryGit('status');
    }
    for (const path of paths) await committed(path, 'kept\n');
    await followed();
    expect(deletions()).toBe('');
    expect(existsSync(lock())).toBe(false);
  });

  test('follows with an index that another program has made newer than its files', async () => {
    await system.put('Quick.md', 'aaaa\n');
    await committed('Quick.md', 'aaaa\n');
    await followed();
    await system.put('Quick.md', 'bbbb\n');
    await committed('Quick.md', 'bbbb\n');
    writeFileSync(join(system.vault, 'Quick.md'), 'cccc\n');
    await committed('Quick.md', 'cccc\n');
    await followed();
  });
});
