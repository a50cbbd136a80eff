import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { followEvents, startSystem, type TestSystem, temporaryFolder, until } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';
import { gitIn, isolated } from './fixture/repository.ts';

const quick = { ...isolated, GIT_COMMIT_QUIET_MS: '60', GIT_COMMIT_MAX_WAIT_MS: '5000', GIT_AUTO_INIT: 'true' };

describe('the history of a vault', () => {
  let system: TestSystem;
  let person: ReturnType<typeof gitIn>;

  /** Waits until all that was written is committed. */
  async function committed() {
    await until('all is committed', async () => {
      const { json } = await system.call('/v1/git/status');
      if (json.problem) throw new Error(JSON.stringify(json.problem));
      return json.pending.changes === 0 && person.git('status', '--porcelain') === '';
    });
  }

  const history = async (path?: string) =>
    (await system.call(`/v1/git/history${path === undefined ? '' : `?path=${encodeURIComponent(path)}`}`)).json.items;

  beforeAll(async () => {
    system = await startSystem({
      definitions: services,
      environment: quick,
      files: { 'Start.md': '# Start\n\nSee [[Plan]].\n', 'Plan.md': '# Plan\n' },
    });
    person = gitIn(system.vault);
    await until('the repository is made', () => person.tryGit('rev-parse', 'HEAD').status === 0);
    await committed();
  });
  afterAll(() => system.stop());

  test('begins with what was there, in a repository that is made when that is asked for', async () => {
    expect(person.git('ls-files')).toBe('Plan.md\nStart.md\n');
    expect((await system.call('/v1/git/status')).json).toMatchObject({
      state: 'ready',
      problem: null,
      branch: 'main',
      head: person.head(),
      pending: { waiting: 0, changes: 0, paths: [], since: null },
      findings: [],
      remote: null,
    });
  });

  test('gathers changes of one key in a commit that says what happened, by whom and by which events', async () => {
    const events = await followEvents(system, '?type=git.committed');
    const before = person.head();
    await system.post('/v1/files:batch', {
      operations: [
        { op: 'put', path: 'Notes/One.md', content: 'one\n' },
        { op: 'put', path: 'Notes/Two.md', content: 'two\n' },
        { op: 'put', path: 'Plan.md', content: '# Plan\n\nMore.\n' },
      ],
    });
    await committed();
    expect(person.git('rev-list', '--count', `${before}..HEAD`).trim()).toBe('1');
    expect(person.subjects()[0]).toBe('Add 2 notes, update Plan.md');
    expect(person.git('log', '-1', '--format=%an')).toBe('key:default\n');
    const trailers = person.git('log', '-1', '--format=%(trailers:key=Weave-Event,valueonly)').trim().split('\n');
    expect(trailers.filter(Boolean)).toHaveLength(3);

    const found = await until('its event is told', () =>
      events.events.find(({ event }) => event.data.sha === person.head()),
    );
    expect(found.event).toMatchObject({
      type: 'git.committed',
      subject: person.head(),
      data: {
        message: 'Add 2 notes, update Plan.md',
        actor: 'key:default',
        paths: ['Notes/One.md', 'Notes/Two.md', 'Plan.md'],
      },
    });
    await events.close();
    expect((await system.call(`/v1/git/commits/${person.head()}`)).json).toMatchObject({
      subject: 'Add 2 notes, update Plan.md',
      events: trailers.filter(Boolean),
      files: [
        { path: 'Notes/One.md', change: 'added', additions: 1, deletions: 0 },
        { path: 'Notes/Two.md', change: 'added' },
        { path: 'Plan.md', change: 'modified', additions: 2, deletions: 0 },
      ],
    });
  });

  test('follows a note through its renames, page by page', async () => {
    await system.put('Old.md', 'first\nsecond\nthird\nfourth\n');
    await committed();
    await system.put('Old.md', 'first\nsecond\nthird\nfourth, longer\n');
    await committed();
    await system.post('/v1/files:move', { from: 'Old.md', to: 'Folder/New.md' });
    await committed();
    await system.put('Folder/New.md', 'first\nsecond\nthird\nfourth, longer\nfifth\n');
    await committed();
    const items = await history('Folder/New.md');
    expect(
      items.map(({ subject, path, from, change }: Record<string, string>) => [subject, path, from, change]),
    ).toEqual([
      ['Update Folder/New.md', 'Folder/New.md', null, 'modified'],
      ['Move Old.md to Folder/New.md', 'Folder/New.md', 'Old.md', 'renamed'],
      ['Update Old.md', 'Old.md', null, 'modified'],
      ['Add Old.md', 'Old.md', null, 'added'],
    ]);
    const pages: string[] = [];
    for (let cursor: string | null = ''; cursor !== null; ) {
      const query: string = `path=Folder/New.md&limit=1${cursor && `&cursor=${cursor}`}`;
      const page = (await system.call(`/v1/git/history?${query}`)).json;
      pages.push(...page.items.map(({ subject }: { subject: string }) => subject));
      cursor = page.nextCursor;
    }
    expect(pages).toEqual(items.map(({ subject }: { subject: string }) => subject));
    expect((await history('Folder'))[0].subject).toBe('Update Folder/New.md');
    const whole = await history();
    expect(whole.map(({ subject }: { subject: string }) => subject)).toEqual(person.subjects());
  });

  test('says what differs line by line and word by word, and who wrote which paragraph', async () => {
    await system.put('Essay.md', 'The quick fox.\n\nA second paragraph.\n');
    await committed();
    const first = person.head();
    await system.put('Essay.md', 'The slow fox.\n\nA second paragraph.\n');
    await committed();
    const diff = (await system.call('/v1/git/diff?path=Essay.md')).json;
    expect(diff).toMatchObject({ from: first, to: person.head(), nextCursor: null });
    expect(diff.items[0].unified).toContain('-The quick fox.\n+The slow fox.\n');
    expect(diff.items[0].hunks[0].lines.slice(0, 2)).toEqual([
      {
        kind: 'removed',
        oldLine: 1,
        newLine: null,
        text: 'The quick fox.',
        words: [
          { kind: 'same', text: 'The ' },
          { kind: 'removed', text: 'quick' },
          { kind: 'same', text: ' fox.' },
        ],
      },
      {
        kind: 'added',
        oldLine: null,
        newLine: 1,
        text: 'The slow fox.',
        words: [
          { kind: 'same', text: 'The ' },
          { kind: 'added', text: 'slow' },
          { kind: 'same', text: ' fox.' },
        ],
      },
    ]);
    const { paragraphs } = (await system.call('/v1/git/blame/Essay.md')).json;
    expect(paragraphs.map(({ text, sha }: Record<string, string>) => [text, sha])).toEqual([
      ['The slow fox.', person.head()],
      ['A second paragraph.', first],
    ]);
  });

  test('gives a file as it was, and brings it or its folder back as an ordinary change', async () => {
    await system.put('Kept/A.md', 'as it was\n');
    await system.put('Kept/B.md', 'also\n');
    await committed();
    const then = person.head();
    await system.put('Kept/A.md', 'spoilt\n');
    await system.call('/v1/files/Kept/B.md', { method: 'DELETE' });
    await committed();
    const past = await system.call(`/v1/git/files/Kept/A.md?at=${then}`);
    expect([past.text, past.headers.get('content-type')]).toEqual(['as it was\n', 'text/markdown; charset=utf-8']);

    const dry = await system.post('/v1/git/restore?dryRun=true', { path: 'Kept', sha: then });
    expect(dry.json.changes.map(({ path, change }: Record<string, string>) => [path, change])).toEqual([
      ['Kept/A.md', 'updated'],
      ['Kept/B.md', 'created'],
    ]);
    const { json } = await system.post('/v1/git/restore', { path: 'Kept', sha: then });
    expect(json.changed.map(({ path }: { path: string }) => path)).toEqual(['Kept/A.md', 'Kept/B.md']);
    expect((await system.call('/v1/files/Kept/A.md')).text).toBe('as it was\n');
    await committed();
    expect(person.subjects()[0]).toBe('Add Kept/B.md, update Kept/A.md');
    await system.settled();
    expect(await system.search('also')).toContain('Kept/B.md');
  });

  test('commits nothing when it is asked to and all is committed', async () => {
    await committed();
    const before = person.head();
    expect((await system.call('/v1/git/commit', { method: 'POST' })).json).toEqual({ commits: [], blocked: [] });
    expect(person.head()).toBe(before);
  });

  test('makes a commit for everybody who changed something', async () => {
    const { json } = await system.post('/v1/auth/keys', { name: 'another', role: 'editor' });
    await Promise.all([
      system.put('By/One.md', 'one\n'),
      system.put('By/Another.md', 'another\n', { authorization: `Bearer ${json.secret}` }),
    ]);
    await committed();
    const authorOf = (path: string) => person.git('log', '--format=%an', '--', path).trim();
    expect([authorOf('By/One.md'), authorOf('By/Another.md')]).toEqual(['key:default', `key:${json.id}`]);
  });

  test('leaves what somebody has staged as it is, and what is ignored alone', async () => {
    writeFileSync(join(system.vault, '.gitignore'), 'Private/\n');
    // Staged without ever being in the folder, where it would be committed if the rest took long.
    const elsewhere = temporaryFolder('staged');
    writeFileSync(join(elsewhere.path, 'Plan.md'), 'half a thought\n');
    const blob = person.git('hash-object', '-w', join(elsewhere.path, 'Plan.md')).trim();
    elsewhere.remove();
    person.git('update-index', '--add', '--cacheinfo', `100644,${blob},Plan.md`);
    await system.put('Plan.md', 'a whole thought\n');
    await system.put('Private/Diary.md', 'dear diary\n');
    await system.put('Public.md', 'for all\n');
    await until('it is committed', () => person.git('show', 'HEAD:Public.md') === 'for all\n');
    await until('it is committed', () => person.git('show', 'HEAD:Plan.md') === 'a whole thought\n');
    await until('the index has followed', () => person.git('diff', '--cached', '--name-only') === 'Plan.md\n');
    expect(person.git('show', ':Plan.md')).toBe('half a thought\n');
    expect(person.git('ls-tree', '-r', '--name-only', 'HEAD')).not.toContain('Private');
    person.git('reset', '-q');
    rmSync(join(system.vault, '.gitignore'));
    rmSync(join(system.vault, 'Private'), { recursive: true });
  });

  test.each([
    ['/v1/git/commits/beef', 404, 'revision-not-found'],
    ['/v1/git/commits/--all', 400, 'request-invalid'],
    ['/v1/git/files/Nowhere.md', 404, 'path-not-in-commit'],
    ['/v1/git/files/..%2F..%2Fetc%2Fpasswd', 400, 'path-outside-vault'],
    ['/v1/git/files/.git/config', 400, 'path-hidden'],
    ['/v1/git/files/Plan.md?at=HEAD:x', 400, 'request-invalid'],
    ['/v1/git/diff?from=HEAD~9999', 404, 'revision-not-found'],
    ['/v1/git/history?cursor=nonsense', 400, 'cursor-invalid'],
    ['/v1/git/history?limit=0', 400, 'request-invalid'],
    ['/v1/git/blame/Nowhere.md', 404, 'path-not-in-commit'],
    ['/v1/git/nothing', 404, 'route-not-found'],
  ])('%s is answered with %s %s', async (path, status, code) => {
    expect((await system.call(path)).json).toMatchObject({ status, code });
  });

  test('refuses to restore what never was, and to synchronise with nothing', async () => {
    expect((await system.post('/v1/git/restore', { path: 'Never.md', sha: 'HEAD' })).json).toMatchObject({
      status: 404,
      code: 'path-not-in-commit',
    });
    expect((await system.post('/v1/git/sync', {})).json).toMatchObject({ status: 409, code: 'remote-unset' });
  });
});
