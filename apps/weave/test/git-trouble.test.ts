import { mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { followEvents, startSystem, type TestSystem, temporaryFolder, until } from '@weave-nn/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';
import { gitIn, initialise, isolated } from './fixture/repository.ts';

const quick = { ...isolated, GIT_COMMIT_QUIET_MS: '60' };
const statusOf = async (system: TestSystem) => (await system.call('/v1/git/status')).json;

/** Serves a folder that is made ready first. */
async function serve(prepare: (folder: string) => void, environment: Record<string, string> = {}): Promise<TestSystem> {
  return startSystem({ definitions: services, environment: { ...quick, ...environment }, prepare });
}

test('a commit of a file that was there for a moment only is made good, though nothing tells of its end', async () => {
  let person: ReturnType<typeof gitIn> | undefined;
  const system = await serve((folder) => {
    person = initialise(folder);
    writeFileSync(join(folder, 'Base.md'), 'base\n');
    person.git('add', '-A');
    person.git('commit', '-qm', 'Begin');
  });
  const { git } = person as ReturnType<typeof gitIn>;
  try {
    writeFileSync(join(system.data, 'moment'), 'for a moment\n');
    const blob = git('hash-object', '-w', join(system.data, 'moment')).trim();
    git('update-index', '--add', '--cacheinfo', `100644,${blob},Moment.md`);
    git('commit', '-qm', 'Take what was there for a moment');
    await system.put('Later.md', 'later\n');
    await until(
      'the branch has what is there',
      () => git('ls-tree', '--name-only', 'HEAD').trim() === 'Base.md\nLater.md',
    );
  } finally {
    await system.stop();
  }
});

describe('a repository in which something is under way', () => {
  let system: TestSystem;
  let person: ReturnType<typeof gitIn>;

  const problem = (code: string) =>
    until(`the status says ${code}`, async () => (await statusOf(system)).problem?.code === code);
  const committed = (path: string, content: string) =>
    until(`${path} is committed`, () => person.tryGit('show', `HEAD:${path}`).stdout === content);

  beforeAll(async () => {
    system = await serve((folder) => {
      person = initialise(folder);
      writeFileSync(join(folder, 'Base.md'), 'base\n');
      person.git('add', '-A');
      person.git('commit', '-qm', 'Begin');
      person.git('checkout', '-qb', 'side');
      writeFileSync(join(folder, 'Base.md'), 'side\n');
      person.git('commit', '-qam', 'Side');
      person.git('checkout', '-q', 'main');
      writeFileSync(join(folder, 'Base.md'), 'main\n');
      person.git('commit', '-qam', 'Main');
    });
  });
  afterAll(() => system.stop());

  test('is left alone during a merge and a bisect, and gets what waited afterwards', async () => {
    expect(person.tryGit('merge', 'side').status).toBe(1);
    const before = person.head();
    await system.put('Waits.md', 'waits\n');
    await problem('repository-busy');
    expect((await statusOf(system)).state).toBe('waiting');
    expect((await system.post('/v1/git/commit', {})).json).toMatchObject({ status: 409, code: 'repository-busy' });
    expect(person.head()).toBe(before);
    person.git('merge', '--abort');
    await system.post('/v1/git/commit', {});
    await committed('Waits.md', 'waits\n');

    person.git('bisect', 'start');
    await problem('repository-busy');
    person.git('bisect', 'reset');
  });

  test('commits nothing while no branch is checked out', async () => {
    person.git('checkout', '-q', '--detach');
    await system.put('Detached.md', 'kept\n');
    await problem('head-detached');
    expect((await system.post('/v1/git/commit', {})).json).toMatchObject({ status: 409, code: 'head-detached' });
    expect((await system.call('/v1/git/history')).status).toBe(200);
    person.git('checkout', '-q', 'main');
    await system.post('/v1/git/commit', {});
    await committed('Detached.md', 'kept\n');
  });

  test('waits for a branch that is locked, and says which lock it is', async () => {
    const lock = join(system.vault, '.git/refs/heads/main.lock');
    writeFileSync(lock, '');
    await system.put('Branch.md', 'locked\n');
    await problem('repository-locked');
    expect((await statusOf(system)).problem.detail).toContain('main.lock');
    rmSync(lock);
    await committed('Branch.md', 'locked\n');
  });

  test('loses no commit that somebody makes in the same moment', async () => {
    const writes = Array.from({ length: 20 }, (_, count) => count);
    for (const count of writes) {
      await system.put(`Race/${count}.md`, `${count}\n`);
      person.tryGit('commit', '-q', '--allow-empty', '-m', `By hand ${count}`);
    }
    for (const count of writes) await committed(`Race/${count}.md`, `${count}\n`);
    const byHand = person.subjects().filter((subject) => subject.startsWith('By hand'));
    const reflog = person
      .git('log', '-g', '--format=%s')
      .split('\n')
      .filter((subject) => subject.startsWith('By hand'));
    expect(byHand.sort()).toEqual([...new Set(reflog)].sort());
    expect(person.git('fsck', '--strict', '--no-dangling').trim()).toBe('');
  });

  test('leaves repositories within the vault to themselves', async () => {
    const library = temporaryFolder('library');
    const other = initialise(library.path);
    writeFileSync(join(library.path, 'Inside.md'), 'inside\n');
    other.git('add', '-A');
    other.git('commit', '-qm', 'Begin');
    person.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', `file://${library.path}`, 'Library');
    person.git('commit', '-qm', 'Add the library');
    const before = person.git('ls-tree', 'HEAD', 'Library');
    await system.put('Library/New.md', 'new\n');
    await system.put('After.md', 'after\n');
    await committed('After.md', 'after\n');
    expect(person.git('ls-tree', 'HEAD', 'Library')).toBe(before);
    expect((await statusOf(system)).problem).toBe(null);
    library.remove();
  });
});

describe('rules of a vault', () => {
  let system: TestSystem;
  let person: ReturnType<typeof gitIn>;
  const write = (rules: string) => writeFileSync(join(system.vault, '.weave/validation.yml'), rules);
  const commit = async () => (await system.post('/v1/git/commit', {})).json;

  beforeAll(async () => {
    system = await serve((folder) => {
      person = initialise(folder);
      mkdirSync(join(folder, '.weave'));
      writeFileSync(
        join(folder, '.weave/validation.yml'),
        [
          'rules:',
          '  - rule: frontmatter',
          '  - { rule: properties, folder: Projects, required: [status] }',
          '  - { rule: links, level: warn }',
          '  - rule: secrets',
          '  - { rule: size, max: 10 kB, folder: Small }',
        ].join('\n'),
      );
    });
    await system.put('Start.md', '# Start\n');
    await commit();
  });
  afterAll(() => system.stop());

  test.each([
    ['Broken.md', '---\na: [1\n---\n', 'frontmatter', /./],
    ['Projects/New.md', '---\nowner: Ana\n---\n', 'properties', /it lacks status/],
    [
      'Secret.md',
      `the token ghp_${'wWPw5k4aXcaT4fNP0UcnZwJUVFk6LO0pINUx'}\n`,
      'secrets',
      /line 1 looks like a secret \(github/,
    ],
    ['Small/Large.md', 'x'.repeat(20_000), 'size', /20000 bytes; 10 kB are allowed/],
  ])('keep %s from being committed, and nothing else', async (path, content, rule, reason) => {
    const events = await followEvents(system, '?type=git.blocked');
    await system.put(path, content);
    await system.put(`Beside/${rule}.md`, 'fine\n');
    const { blocked } = await commit();
    expect(blocked.find((each: { path: string }) => each.path === path)).toMatchObject({
      rule,
      level: 'block',
      reason: expect.stringMatching(reason),
    });
    expect(person.git('show', `HEAD:Beside/${rule}.md`)).toBe('fine\n');
    expect(person.tryGit('cat-file', '-e', `HEAD:${path}`).status).not.toBe(0);
    const told = await until('it is told', () => events.events.find(({ event }) => event.subject === path));
    expect(told.event.data).toMatchObject({ paths: [path], rule });
    expect(JSON.stringify(told.event)).not.toContain('ghp_');
    await commit();
    await events.close();
    expect(events.events.filter(({ event }) => event.subject === path)).toHaveLength(1);

    await system.put(path, '---\nstatus: open\n---\n');
    expect((await commit()).blocked).toEqual([]);
    expect(person.git('show', `HEAD:${path}`)).toBe('---\nstatus: open\n---\n');
  });

  test('say which links a change breaks, without keeping it when they only warn', async () => {
    await system.put('Target.md', 'here\n');
    await system.put('Source.md', 'to [[Target]] and [[Nowhere yet]]\n');
    await commit();
    expect((await statusOf(system)).findings).toMatchObject([
      { path: 'Source.md', rule: 'links', level: 'warn', reason: 'it links to what no file is called: Nowhere yet' },
    ]);
    await system.call('/v1/files/Target.md', { method: 'DELETE' });
    await commit();
    expect((await statusOf(system)).findings).toContainEqual(
      expect.objectContaining({ path: 'Target.md', reason: 'its removal breaks links of Source.md' }),
    );
    expect(person.tryGit('cat-file', '-e', 'HEAD:Target.md').status).not.toBe(0);
  });

  test('keep both ends of a move together', async () => {
    await system.put('Drafts/Plan.md', 'a plan\n');
    await commit();
    await system.post('/v1/files:move', { from: 'Drafts/Plan.md', to: 'Projects/Plan.md' });
    expect((await commit()).blocked).toMatchObject([{ path: 'Projects/Plan.md', rule: 'properties' }]);
    expect(person.git('ls-tree', '-r', '--name-only', 'HEAD')).toContain('Drafts/Plan.md');
    await system.put('Projects/Plan.md', '---\nstatus: open\n---\n');
    expect((await commit()).blocked).toEqual([]);
    const files = person.git('ls-tree', '-r', '--name-only', 'HEAD');
    expect([files.includes('Drafts/Plan.md'), files.includes('Projects/Plan.md')]).toEqual([false, true]);
  });

  test('that cannot be read keep everything waiting, and say where they are wrong', async () => {
    write('rules:\n  - rule: sise\n');
    await system.put('Waiting.md', 'waits\n');
    expect(await commit()).toMatchObject({ status: 422, code: 'rules-invalid' });
    expect((await statusOf(system)).problem).toMatchObject({
      code: 'rules-invalid',
      detail: expect.stringContaining('rules[0]: rule is one of'),
    });
    write('rules: []\n');
    await commit();
    expect(person.git('show', 'HEAD:Waiting.md')).toBe('waits\n');
  });

  test('that are changed let go of what they kept', async () => {
    write('rules:\n  - { rule: size, max: 4 }\n');
    await system.put('Five.md', '12345');
    expect((await commit()).blocked).toMatchObject([{ path: 'Five.md', rule: 'size' }]);
    system = await system.restart(() => write('rules:\n  - { rule: size, max: 5 }\n'));
    await until('it is committed', () => person.tryGit('show', 'HEAD:Five.md').stdout === '12345');
    expect((await statusOf(system)).findings.filter(({ path }: { path: string }) => path === 'Five.md')).toEqual([]);
  });
});

describe('a vault', () => {
  let system: TestSystem | undefined;
  afterEach(async () => {
    await system?.stop();
    system = undefined;
  });

  test('is committed at once when asked, with the message given, also what no event has told of yet', async () => {
    system = await serve((folder) => void initialise(folder), { GIT_COMMIT_QUIET_MS: '60000' });
    await system.put('Asked.md', 'asked\n');
    writeFileSync(join(system.vault, 'Beside.md'), 'beside\n');
    const { json } = await system.post('/v1/git/commit', { message: 'The state of things' });
    expect(json).toMatchObject({
      commits: [{ message: 'The state of things', author: 'key:default <key-default@weave-nn.invalid>' }],
      blocked: [],
    });
    const person = gitIn(system.vault);
    expect(person.git('show', '--format=%s', '--name-only', 'HEAD')).toBe(
      'The state of things\n\nAsked.md\nBeside.md\n',
    );
    expect((await system.post('/v1/git/commit', {})).json.commits).toEqual([]);
    for (const message of ['', ' \n', 'a\0b', 1, 'x'.repeat(10_001)]) {
      expect((await system.post('/v1/git/commit', { message })).json).toMatchObject({
        status: 400,
        code: 'request-invalid',
      });
    }
  });

  test('that is never quiet is committed all the same', async () => {
    system = await serve((folder) => void initialise(folder), {
      GIT_COMMIT_QUIET_MS: '600000',
      GIT_COMMIT_MAX_WAIT_MS: '200',
    });
    const person = gitIn(system.vault);
    let count = 0;
    await until('something is committed', async () => {
      await system?.put('Busy.md', `${count++}\n`);
      return person.tryGit('rev-parse', 'HEAD').status === 0;
    });
    expect(person.subjects()).toEqual(['Add Busy.md']);
  });

  test('that is no repository stays none, serves everything else, and is committed from the day it is one', async () => {
    system = await serve((folder) => writeFileSync(join(folder, 'Before.md'), 'before\n'));
    await system.put('Now.md', 'now\n');
    expect(await statusOf(system)).toMatchObject({ state: 'off', problem: { code: 'repository-missing' }, head: null });
    for (const path of ['history', 'commits/HEAD', 'diff', 'files/Now.md', 'blame/Now.md']) {
      expect((await system.call(`/v1/git/${path}`)).json).toMatchObject({ status: 409, code: 'repository-missing' });
    }
    for (const path of ['commit', 'sync']) {
      expect((await system.post(`/v1/git/${path}`, {})).json).toMatchObject({
        status: 409,
        code: 'repository-missing',
      });
    }
    expect(readdirSync(system.vault)).not.toContain('.git');
    await until('nothing is kept for later', async () => (await statusOf(system as TestSystem)).pending.changes === 0);
    const person = initialise(system.vault);
    await system.post('/v1/git/commit', {});
    expect(person.git('ls-tree', '-r', '--name-only', 'HEAD')).toBe('Before.md\nNow.md\n');
  });

  test('that is a part of a larger repository is not committed to it', async () => {
    const larger = temporaryFolder('larger');
    const person = initialise(larger.path);
    const vault = join(larger.path, 'Notes');
    mkdirSync(vault);
    system = await serve(() => undefined, { VAULT_PATH: vault });
    await system.put('A.md', 'a\n');
    expect(await statusOf(system)).toMatchObject({ state: 'off', problem: { code: 'repository-larger' } });
    expect((await system.post('/v1/git/commit', {})).json).toMatchObject({ status: 409, code: 'repository-larger' });
    expect(person.tryGit('rev-parse', 'HEAD').status).not.toBe(0);
    await system.stop();
    system = undefined;
    larger.remove();
  });

  test('on a machine without git is served as ever', async () => {
    const { PATH } = process.env;
    system = await startSystem({
      definitions: services,
      environment: { ...quick, GIT_AUTO_INIT: 'true' },
      shape: 'embedded',
      prepare: () => {
        process.env.PATH = '/nowhere';
      },
    }).finally(() => {
      process.env.PATH = PATH;
    });
    await system.put('A.md', 'a\n');
    expect((await system.call('/v1/files/A.md')).text).toBe('a\n');
    expect(await statusOf(system)).toMatchObject({ state: 'unavailable', problem: { code: 'git-missing' }, git: null });
    expect((await system.call('/v1/git/history')).json).toMatchObject({ status: 503, code: 'git-missing' });
    expect((await system.call('/v1/context/A.md')).json).toMatchObject({ commits: null, unavailable: ['commits'] });
    expect((await system.call('/v1/system')).json.status).toBe('ready');
  });

  test('whose repository is damaged is served, and its changes wait', async () => {
    system = await serve((folder) => {
      const person = initialise(folder);
      writeFileSync(join(folder, 'A.md'), 'a\n');
      person.git('add', '-A');
      person.git('commit', '-qm', 'Begin');
      const sha = person.head();
      writeFileSync(join(folder, `.git/objects/${sha.slice(0, 2)}/x`), '');
      rmSync(join(folder, `.git/objects/${sha.slice(0, 2)}`), { recursive: true });
    });
    await system.put('B.md', 'b\n');
    await until('it says so', async () => {
      const { problem, state } = await statusOf(system as TestSystem);
      return state === 'unavailable' && problem.code === 'repository-damaged';
    });
    expect((await system.call('/v1/files/B.md')).text).toBe('b\n');
    expect((await system.call('/v1/git/history')).json).toMatchObject({ status: 503, code: 'repository-damaged' });
    const asked = await system.post('/v1/git/commit', {});
    expect(asked.json).toMatchObject({ status: 503, code: 'repository-damaged' });
    expect((await statusOf(system)).pending.changes).toBeGreaterThan(0);
    // An answer that all is well holds for a second.
    await until('readiness tells of it', async () => {
      const { status, services: those } = (await (system as TestSystem).call('/v1/system')).json;
      expect(status).toBe('ready');
      const { repository } = those.find(({ name }: { name: string }) => name === 'git').dependencies;
      return repository.status === 'degraded';
    });
  });

  test('whose repository names objects by SHA-256 is committed as any other', async () => {
    system = await serve((folder) => gitIn(folder).git('init', '-q', '-b', 'main', '--object-format=sha256'));
    const person = gitIn(system.vault);
    await system.put('A.md', 'a\n');
    await system.post('/v1/git/commit', {});
    await system.call('/v1/files/A.md', { method: 'DELETE' });
    await system.post('/v1/git/commit', {});
    const { items } = (await system.call('/v1/git/history?path=A.md')).json;
    expect(items.map(({ change }: { change: string }) => change)).toEqual(['deleted', 'added']);
    expect((await system.call(`/v1/git/diff?to=${items[1].sha}`)).json).toMatchObject({ from: null, to: items[1].sha });
    expect(person.git('status', '--porcelain', '--untracked-files=no')).toBe('');
  });

  test('that is a shallow clone has the history that it has', async () => {
    const origin = temporaryFolder('origin');
    const person = initialise(origin.path);
    for (const text of ['one\n', 'two\n', 'three\n']) {
      writeFileSync(join(origin.path, 'Note.md'), text);
      person.git('add', '-A');
      person.git('commit', '-qm', `Write ${text.trim()}`);
    }
    system = await serve((folder) => {
      gitIn(origin.path).git('clone', '-q', '--depth', '2', `file://${origin.path}`, folder);
    });
    await system.put('Note.md', 'four\n');
    await system.post('/v1/git/commit', {});
    const { items } = (await system.call('/v1/git/history?path=Note.md')).json;
    expect(items.map(({ subject }: { subject: string }) => subject)).toEqual([
      'Update Note.md',
      'Write three',
      'Write two',
    ]);
    origin.remove();
  });
});
