import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSystem, type TestSystem } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';
import { type gitIn, initialise, isolated } from './fixture/repository.ts';

const paths = [
  'Folder',
  'Folder/',
  'Folder/Missing.md',
  'Missing',
  'Missing/',
  'Note.md/',
  'Note.md/Inside.md',
  'Link',
  '',
  '/',
  '.',
  '..',
  './Note.md',
  'a//b',
  '--output=x',
  '-x',
  ':(top)Note.md',
  ':/',
  '*',
  '[',
  'Note.md\0',
  'a\nb',
  '\ud800',
  'HEAD:Note.md',
  '.git/config',
  'Binary.bin',
  'Empty.md',
  'x'.repeat(300),
  `${'y/'.repeat(5_000)}z`,
];
const revisions = [
  'HEAD',
  'HEAD~1',
  'HEAD~999',
  'HEAD~999999',
  'HEAD~9999999999',
  'HEAD^',
  'HEAD^{tree}',
  'HEAD:Note.md',
  '--option',
  '--all',
  '-h',
  'a..b',
  'HEAD..HEAD',
  'HEAD...HEAD',
  '',
  ' ',
  '\0',
  'HEAD\0',
  'dead',
  'deadbeef',
  '0'.repeat(40),
  'f'.repeat(64),
  'f'.repeat(65),
  '0'.repeat(10_000),
  'main',
  '@',
  '@{u}',
  'refs/heads/main',
  ':/Begin',
];

describe('the history of a vault', () => {
  let system: TestSystem;
  let person: ReturnType<typeof gitIn>;
  const blob = () => person.git('rev-parse', 'HEAD:Note.md').trim();
  const tree = () => person.git('rev-parse', 'HEAD^{tree}').trim();

  beforeAll(async () => {
    system = await startSystem({
      definitions: services,
      environment: { ...isolated, GIT_AUTO_COMMIT: 'false' },
      prepare(folder) {
        person = initialise(folder);
        mkdirSync(join(folder, 'Folder'));
        writeFileSync(join(folder, 'Folder/Inside.md'), 'inside\n');
        writeFileSync(join(folder, 'Note.md'), 'note\n');
        writeFileSync(join(folder, 'Empty.md'), '');
        writeFileSync(join(folder, 'Binary.bin'), Buffer.from([0, 1, 2, 255]));
        symlinkSync('Folder', join(folder, 'Link'));
        person.git('add', '-A');
        person.git('commit', '-qm', 'Begin');
        writeFileSync(join(folder, 'Note.md'), 'a note\n');
        person.git('commit', '-qam', 'Change');
      },
    });
  });
  afterAll(() => system.stop());

  async function expectAnswered(method: string, url: string, body?: unknown): Promise<void> {
    const { status, text } = await system.call(url, {
      method,
      ...(body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } }),
    });
    expect(status, `${method} ${url.slice(0, 120)} ${JSON.stringify(body)?.slice(0, 120)}: ${text}`).toBeLessThan(500);
  }

  const encoded = (text: string) => encodeURIComponent(text.toWellFormed());
  const all = (values: readonly string[], more: () => string[] = () => []) => [...values, ...more()];

  test('answers every path without failing', async () => {
    for (const path of paths) {
      const name = encoded(path);
      const slashes = name.replaceAll('%2F', '/');
      for (const each of new Set([name, slashes])) {
        await expectAnswered('GET', `/v1/git/files/${each}?at=HEAD`);
        await expectAnswered('GET', `/v1/git/blame/${each}`);
      }
      await expectAnswered('GET', `/v1/git/history?path=${name}`);
      await expectAnswered('GET', `/v1/git/diff?path=${name}`);
      await expectAnswered('GET', `/v1/git/diff?from=HEAD~1&to=HEAD&path=${name}`);
      await expectAnswered('POST', '/v1/git/restore?dryRun=true', { path, sha: 'HEAD' });
      await expectAnswered('POST', '/v1/git/restore?dryRun=true', { path, sha: 'HEAD', removeOthers: true });
    }
  });

  test('answers every name of a commit without failing', async () => {
    for (const revision of all(revisions, () => [blob(), tree(), blob().slice(0, 4)])) {
      const name = encoded(revision);
      await expectAnswered('GET', `/v1/git/commits/${name}`);
      await expectAnswered('GET', `/v1/git/files/Note.md?at=${name}`);
      await expectAnswered('GET', `/v1/git/blame/Note.md?at=${name}`);
      await expectAnswered('GET', `/v1/git/diff?from=${name}`);
      await expectAnswered('GET', `/v1/git/diff?to=${name}`);
      await expectAnswered('POST', '/v1/git/restore?dryRun=true', { path: 'Note.md', sha: revision });
    }
  });

  test.each(['', '!', 'e30', 'bnVsbA', Buffer.from('["x","y","z"]').toString('base64url'), 'x'.repeat(10_000)])(
    'answers the cursor %s without failing',
    async (cursor) => {
      for (const route of ['history', 'history?path=Note.md', 'diff']) {
        await expectAnswered('GET', `/v1/git/${route}${route.includes('?') ? '&' : '?'}cursor=${encoded(cursor)}`);
      }
    },
  );

  test('answers cursors that name what is no commit, or a path that is none', async () => {
    const cursors = [
      ['0'.repeat(40), 'Note.md', '0'],
      ['0'.repeat(40), '0'.repeat(40), 0],
      [blob(), blob(), 0],
      [blob(), 'Note.md', '0'],
      [person.head(), '../x', '0'],
      [person.head(), '', '999999999999'],
    ];
    for (const cursor of cursors) {
      const name = encoded(Buffer.from(JSON.stringify(cursor)).toString('base64url'));
      for (const route of ['history?', 'history?path=Note.md&', 'diff?']) {
        await expectAnswered('GET', `/v1/git/${route}cursor=${name}`);
      }
    }
  });

  test.each(['blame', 'files'])('says of a folder that %s has no such file', async (route) => {
    const { status, json } = await system.call(`/v1/git/${route}/Folder`);
    expect([status, json.code]).toEqual([404, 'path-not-in-commit']);
    expect(json.detail).toContain('Folder');
  });
});
