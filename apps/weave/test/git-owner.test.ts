import { execFileSync, spawnSync } from 'node:child_process';
import { appendFileSync, chmodSync, existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { followEvents, startSystem, type TestSystem, temporaryFolder, until } from '@weave-nn/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';
import { gitIn, initialise, isolated } from './fixture/repository.ts';

let system: TestSystem;
let person: ReturnType<typeof gitIn>;
const status = async () => (await system.call('/v1/git/status')).json;
const committed = (path: string, content: string) =>
  until(`${path} is committed`, () => person.tryGit('show', `HEAD:${path}`).stdout === content);
const problem = (code: string) =>
  until(`the status says ${code}`, async () => {
    const { problem: said } = await status();
    return said?.code === code && said;
  });

async function serve(prepare: (folder: string) => void = () => {}, environment: Record<string, string> = {}) {
  system = await startSystem({
    definitions: services,
    environment: { ...isolated, GIT_COMMIT_QUIET_MS: '60', ...environment },
    prepare(folder) {
      person = initialise(folder);
      for (const name of ['Base', 'Kept']) writeFileSync(join(folder, `${name}.md`), `${name}\n`);
      person.git('add', '-A');
      person.git('commit', '-qm', 'Begin');
      prepare(folder);
    },
  });
}

function hook(name: string, script: string, place = join(system.vault, '.git/hooks')): void {
  mkdirSync(place, { recursive: true });
  writeFileSync(join(place, name), `#!/bin/sh\n${script}\n`);
  chmodSync(join(place, name), 0o755);
}

afterEach(() => system.stop());

describe('the hooks of a repository', () => {
  beforeEach(() => serve());

  test('see what is committed, complete its message, and hear of it', async () => {
    const seen = join(system.data, 'seen');
    hook('pre-commit', `git diff --cached --name-only > '${seen}'`);
    hook('prepare-commit-msg', `[ "$2" = message ] && echo "Prepared: yes" >> "$1"`);
    hook('commit-msg', `sed -i '1s/^/docs: /' "$1"`);
    hook('post-commit', `git log -1 --format=%s > '${seen}.after'`);
    await system.put('New.md', 'new\n');
    await committed('New.md', 'new\n');
    expect(readFileSync(seen, 'utf8')).toBe('New.md\n');
    expect(person.git('log', '-1', '--format=%B')).toMatch(/^docs: Add New\.md\n\nWeave-Event: \S+\nPrepared: yes\n/);
    await until('it was told', () => existsSync(`${seen}.after`) && readFileSync(`${seen}.after`, 'utf8') !== '');
    expect(readFileSync(`${seen}.after`, 'utf8')).toBe('docs: Add New.md\n');
  });

  test('may change what is committed, and stage more', async () => {
    hook('pre-commit', `sed -i 's/draft/final/' Text.md && echo listed > List.md && git add Text.md List.md`);
    await system.put('Text.md', 'a draft\n');
    await committed('Text.md', 'a final\n');
    await committed('List.md', 'listed\n');
    await until('the index has followed', () => person.git('status', '--porcelain') === '');
    expect(person.subjects()).toHaveLength(2);
  });

  test.each([
    ['pre-commit', 'echo "the reason is $((40 + 2))" >&2; exit 3'],
    ['prepare-commit-msg', 'echo "the reason is 42"; exit 1'],
    ['commit-msg', 'printf "\\033[31mthe reason is 42\\033[0m\\n"; exit 1'],
  ])('may refuse: %s keeps the change, its output is shown, and it is retried', async (name, script) => {
    const events = await followEvents(system, '?type=git.blocked');
    hook(name, script);
    const before = person.head();
    await system.put('Refused.md', 'refused\n');
    const { detail } = await problem('hook-failed');
    expect(detail).toContain(name);
    expect(detail).toContain('the reason is 42');
    expect(detail).not.toContain('\u001b');
    expect((await system.post('/v1/git/commit', {})).json).toMatchObject({ status: 409, code: 'hook-failed' });
    const told = await until('it is told', () => events.events[0]);
    expect(told.event.data).toMatchObject({ paths: ['Refused.md'], rule: 'hook' });
    await events.close();
    expect(person.head()).toBe(before);
    expect((await status()).pending.paths).toEqual(['Refused.md']);
    rmSync(join(system.vault, '.git/hooks', name));
    await committed('Refused.md', 'refused\n');
    await until('nothing stands in the way', async () => (await status()).problem === null);
    expect(existsSync(join(system.vault, '.git/WEAVE_EDITMSG'))).toBe(false);
  });

  test('are looked for where core.hooksPath says', async () => {
    person.git('config', 'core.hooksPath', '.githooks');
    hook('commit-msg', 'echo elsewhere; exit 1', join(system.vault, '.githooks'));
    await system.put('Elsewhere.md', 'x\n');
    expect((await problem('hook-failed')).detail).toContain('elsewhere');
  });
});

test('a hook that goes on for ever is ended, and what it leaves running is not waited for', async () => {
  await serve(undefined, { GIT_COMMIT_HOOK_TIMEOUT: '1' });
  hook('pre-commit', 'sleep 600');
  await system.put('Hangs.md', 'x\n');
  expect((await problem('hook-failed')).detail).toContain('took longer than 1 s');
  hook('pre-commit', 'sleep 5 &');
  await committed('Hangs.md', 'x\n');
});

test('hooks are not run where a setting says so, which the status shows', async () => {
  await serve(undefined, { GIT_COMMIT_HOOKS: 'false' });
  hook('pre-commit', 'exit 1');
  await system.put('Unasked.md', 'x\n');
  await committed('Unasked.md', 'x\n');
  expect((await status()).hooks).toEqual({ found: ['pre-commit'], run: false });
});

describe.skipIf(spawnSync('ssh-keygen', ['-?']).error)('a repository whose commits are signed by an ssh key', () => {
  const place = temporaryFolder('keys');
  const key = join(place.path, 'key');
  const signers = join(place.path, 'signers');

  function configure() {
    if (!existsSync(key)) execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key]);
    const [type, text] = readFileSync(`${key}.pub`, 'utf8').split(' ');
    writeFileSync(signers, `* ${type} ${text}\n`);
    person.git('config', 'gpg.format', 'ssh');
    person.git('config', 'user.signingkey', `${key}.pub`);
    person.git('config', 'gpg.ssh.allowedSignersFile', signers);
  }

  test.each([
    ['true', 'repository', 'G'],
    ['false', 'repository', 'N'],
    ['false', 'true', 'G'],
    ['true', 'false', 'N'],
  ])('with commit.gpgsign=%s and GIT_COMMIT_SIGN=%s', async (wanted, setting, verified) => {
    await serve(undefined, { GIT_COMMIT_SIGN: setting });
    configure();
    person.git('config', 'commit.gpgsign', wanted);
    await system.put('Signed.md', 'signed\n');
    await committed('Signed.md', 'signed\n');
    expect(person.git('log', '-1', '--format=%G?').trim()).toBe(verified);
    expect((await status()).signing).toEqual({ wanted: wanted === 'true', signed: verified === 'G' });
  });

  test('keeps what cannot be signed until it can', async () => {
    await serve();
    configure();
    person.git('config', 'commit.gpgsign', 'true');
    person.git('config', 'user.signingkey', join(place.path, 'no key'));
    const before = person.head();
    await system.put('Unsigned.md', 'x\n');
    await problem('signing-failed');
    expect(person.head()).toBe(before);
    person.git('config', 'user.signingkey', `${key}.pub`);
    await committed('Unsigned.md', 'x\n');
    expect(person.git('log', '-1', '--format=%G?').trim()).toBe('G');
  });
});

test.skipIf(spawnSync('gpg', ['--version']).error)(
  'commits are signed by the key of the owner, where none is named',
  async () => {
    const keys = temporaryFolder('gnupg');
    chmodSync(keys.path, 0o700);
    process.env.GNUPGHOME = keys.path;
    try {
      const uid = 'Ana <ana@example.org>';
      execFileSync('gpg', ['-q', '--batch', '--passphrase', '', '--quick-gen-key', uid, 'ed25519', 'sign'], {
        stdio: 'pipe',
      });
      await serve(undefined, { GNUPGHOME: keys.path });
      person.git('config', 'commit.gpgsign', 'true');
      await system.put('Signed.md', 'signed\n');
      await committed('Signed.md', 'signed\n');
      expect(person.git('log', '-1', '--format=%G? %GS').trim()).toMatch(/^[GU] Ana <ana@example\.org>$/);
    } finally {
      spawnSync('gpgconf', ['--kill', 'all']);
      delete process.env.GNUPGHOME;
      keys.remove();
    }
  },
);

describe('a repository in which git is told not to look at files', () => {
  test.each(['--skip-worktree', '--assume-unchanged'])('keeps what is marked by %s as it was', async (flag) => {
    await serve((folder) => {
      person.git('update-index', flag, 'Kept.md');
      rmSync(join(folder, 'Kept.md'));
    });
    await system.put('Beside.md', 'beside\n');
    await committed('Beside.md', 'beside\n');
    await system.post('/v1/git/commit', {});
    expect(person.git('show', 'HEAD:Kept.md')).toBe('Kept\n');
    await system.put('Kept.md', 'mine\n');
    await system.post('/v1/git/commit', {});
    await until('nothing waits', async () => (await status()).pending.changes === 0);
    expect(person.git('show', 'HEAD:Kept.md')).toBe('Kept\n');
    expect(person.git('ls-files', '-v', 'Kept.md')).not.toMatch(/^H/);
    expect(person.git('status', '--porcelain')).toBe('');
  });
});

describe('our temporary files', () => {
  const exclude = () => readFileSync(person.git('rev-parse', '--git-path', 'info/exclude').trim(), 'utf8');

  test('are excluded once, beside what the owner excludes', async () => {
    await serve((folder) => appendFileSync(join(folder, '.git/info/exclude'), 'mine'));
    await system.put('First.md', 'x\n');
    await committed('First.md', 'x\n');
    writeFileSync(join(system.vault, '.weave-tmp-x'), '');
    mkdirSync(join(system.vault, 'Folder'));
    writeFileSync(join(system.vault, 'Folder/.weave-tmp-y'), '');
    expect(person.git('status', '--porcelain')).toBe('');
    const text = readFileSync(join(system.vault, '.git/info/exclude'), 'utf8');
    expect(text).toMatch(/^mine\n/m);
    expect(text.split('\n').filter((line) => line === '.weave-tmp-*')).toHaveLength(1);
  });

  test('are excluded in a worktree of another repository', async () => {
    const place = temporaryFolder('worktrees');
    system = await startSystem({
      definitions: services,
      environment: { ...isolated, GIT_COMMIT_QUIET_MS: '60' },
      prepare(folder) {
        const main = initialise(join(place.path, 'main'));
        main.git('commit', '-q', '--allow-empty', '-m', 'Begin');
        main.git('worktree', 'add', '-q', '-b', 'notes', folder);
        person = gitIn(folder);
      },
    });
    await system.put('First.md', 'x\n');
    await committed('First.md', 'x\n');
    expect(exclude()).toContain('.weave-tmp-*');
    await until('the index has followed', () => person.git('status', '--porcelain') === '');
    place.remove();
  });
});
