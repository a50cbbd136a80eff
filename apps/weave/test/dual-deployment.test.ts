import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type ApiAnswer, encodePath, hasServers, startSystem, type TestSystem, until } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';
import { isolated } from './fixture/repository.ts';

interface Recorded {
  method: string;
  path: string;
  headers?: Record<string, string>;
  body?: string;
}

/** Commits are made when they are asked for. */
const environment = {
  ...isolated,
  GIT_AUTO_INIT: 'true',
  GIT_COMMIT_QUIET_MS: '600000',
  GIT_COMMIT_MAX_WAIT_MS: '600000',
};

const json = { 'content-type': 'application/json' };
const get = (path: string, headers = {}): Recorded => ({ method: 'GET', path, headers });
const put = (path: string, body: string, headers = {}): Recorded => ({
  method: 'PUT',
  path: `/v1/files/${encodePath(path)}`,
  headers,
  body,
});
const post = (path: string, body: unknown, headers = {}): Recorded => ({
  method: 'POST',
  path,
  headers: { ...json, ...headers },
  body: JSON.stringify(body),
});
const patch = (path: string, body: unknown): Recorded => ({ ...post(path, body), method: 'PATCH' });
const remove = (path: string): Recorded => ({ method: 'DELETE', path });

/** Writes and what they are refused for; between two groups the index catches up. */
const groups: readonly (readonly Recorded[])[] = [
  [
    put(
      'Plan.md',
      '---\ntags: [work/plan]\naliases: [The Plan]\n---\n# Plan\n\nSee [[Garden]] and [[Missing note]]. ^b1\n',
    ),
    put('Garden.md', '# Garden\n\nBack to [[Plan#Plan|the plan]]. Tomatoes. #home\n\n## Later\n\nNothing yet.\n'),
    put('Ordner/Übersicht.md', '# Übersicht\n\n東京都は日本の首都です。 [[garden]]\n'),
    put('Attachments/data.bin', '\u0000\u0001binary'),
    put('Plan.md', 'lost', { 'if-match': '"stale"' }),
    put('Plan.md', 'lost', { 'if-none-match': '*' }),
    put('plan.md', 'collides'),
    put('../escaped.md', 'outside'),
    put('.hidden/x.md', 'hidden'),
    { method: 'POST', path: '/v1/files/Garden.md', body: 'Appended.\n' },
    patch('/v1/files/Garden.md', { target: { heading: 'Later' }, operation: 'replace', content: 'Something.\n' }),
    patch('/v1/files/Garden.md', { target: { heading: 'Nowhere' }, operation: 'replace', content: 'x' }),
    patch('/v1/files/Plan.md', { target: { frontmatter: 'status' }, operation: 'replace', content: 'active' }),
    patch('/v1/files/Plan.md', { target: { block: 'b1' }, operation: 'append', content: 'More.' }),
    post('/v1/files:move', { from: 'Garden.md', to: 'Beds/Garden.md' }, { 'idempotency-key': 'move-1' }),
    post('/v1/files:move', { from: 'Garden.md', to: 'Beds/Garden.md' }, { 'idempotency-key': 'move-1' }),
    post('/v1/files:move', { from: 'Nowhere.md', to: 'x.md' }),
    post('/v1/files:move', { from: 1 }),
    post('/v1/files:batch', {
      operations: [
        { op: 'put', path: 'Batch/one.md', content: 'one [[two]]\n' },
        { op: 'put', path: 'Batch/two.md', content: 'two\n' },
      ],
    }),
    post('/v1/files:batch', {
      operations: [
        { op: 'put', path: 'Batch/three.md', content: 'three\n' },
        { op: 'delete', path: 'Batch/nowhere.md' },
      ],
    }),
    post('/v1/files:move?dryRun=true', { from: 'Batch/two.md', to: 'Batch/2.md' }),
    remove('/v1/files/Batch/two.md'),
    remove('/v1/files/Batch/two.md'),
    put('Tasks.md', '# Tasks\r\n\r\n- [ ] Sow 📅 2027-03-01 #bed\r\n> 1. [x] Dig [due:: 2026-02-30] ⏫\r\n'),
    post('/v1/tasks', { title: 'Water', dueDate: '2027-01-01', projectId: 'garden', source: { path: 'Tasks.md' } }),
    post('/v1/tasks', { title: 'Rest', tags: ['bed/late'], assignee: 'ana' }, { 'idempotency-key': 'task-1' }),
    post('/v1/tasks', { title: 'Rest', tags: ['bed/late'], assignee: 'ana' }, { 'idempotency-key': 'task-1' }),
    post('/v1/tasks', { title: 'Rest' }, { 'idempotency-key': 'task-1' }),
    post('/v1/tasks', { title: 'x', dueDate: '2026-02-30' }),
    post('/v1/tasks', { title: 'x', source: { path: '../x.md' } }),
    post('/v1/tasks:batch', {
      operations: [
        {
          op: 'create',
          task: { title: 'Weed', recurrence: 'every week', source: { path: 'Tasks.md', heading: 'Tasks' } },
        },
        { op: 'create', task: { title: 'Rake', priority: 'low', status: 'in_progress' } },
      ],
    }),
    post('/v1/tasks:batch', { operations: [{ op: 'complete', id: 'nobody' }] }),
    post('/v1/projects', { id: 'house', name: 'The house' }),
    post('/v1/projects', { id: 'house', name: 'Again' }),
  ],
  [
    get('/v1/files?limit=3'),
    get('/v1/files?glob=**/*.md&limit=1000'),
    get('/v1/files?glob=[&limit=2'),
    get('/v1/files/Plan.md'),
    get('/v1/files/Plan.md', { accept: 'application/json' }),
    get('/v1/files/Attachments/data.bin', { range: 'bytes=1-3' }),
    get('/v1/files/Nowhere.md'),
    get('/v1/files/%2e%2e/etc/passwd'),
    get('/v1/versions/Plan.md'),
    get('/v1/search?q=tomatoes'),
    get('/v1/search?q=%22back%20to%22'),
    get('/v1/search?q=tag:work'),
    get('/v1/search?q=path:beds'),
    get(`/v1/search?q=${encodeURIComponent('京都')}`),
    get('/v1/search?q=ubersicht'),
    get('/v1/search?q='),
    get(`/v1/search?q=${'a'.repeat(3_000)}`),
    get('/v1/graph/backlinks/Beds/Garden.md'),
    get('/v1/graph/links/Plan.md'),
    get('/v1/graph/neighbourhood/Plan.md?depth=2'),
    get('/v1/graph/orphans'),
    get('/v1/graph/unresolved'),
    get('/v1/graph/links/Nowhere.md'),
    get('/v1/tags'),
    get('/v1/tasks?sort=title'),
    get('/v1/tasks?sort=-priority&limit=2'),
    get('/v1/tasks?tag=bed&sort=title'),
    get('/v1/tasks?dueBefore=2027-02-01'),
    get('/v1/tasks?path=Tasks.md&completed=false&sort=title'),
    get('/v1/tasks?status=waiting'),
    get('/v1/tasks?cursor=nonsense'),
    get('/v1/tasks/nobody'),
    get('/v1/projects'),
    get('/v1/projects/nothing'),
    get('/v1/nothing/here'),
    get('/v1/vaults/other/files'),
    get('/openapi.json'),
  ],
  [
    get('/v1/git/history'),
    post('/v1/git/commit', { message: 'Begin' }),
    post('/v1/git/commit', {}),
    get('/v1/git/history'),
    get('/v1/git/history?path=Plan.md'),
    get('/v1/git/commits/HEAD'),
    get('/v1/git/commits/beef'),
    get('/v1/git/diff?path=Plan.md'),
    get('/v1/git/blame/Plan.md'),
    get('/v1/git/files/Beds/Garden.md'),
    get('/v1/git/files/Nowhere.md'),
    post('/v1/git/restore?dryRun=true', { path: 'Plan.md', sha: 'HEAD' }),
    post('/v1/git/restore', { path: 'Plan.md', sha: 'HEAD' }),
    post('/v1/git/sync', {}),
    get('/v1/git/status'),
    get('/v1/context/Plan.md'),
  ],
];

/** What may differ: names of moments, and what only says how long something took or how well it fits. */
const volatile = new Set([
  ...['mtime', 'tookMs', 'score', 'requestId', 'replacedAt', 'version'],
  ...['authoredAt', 'committedAt', 'at', 'events', 'createdAt', 'updatedAt', 'completedAt'],
]);
/** The name of a commit, what names events in its message, and the id of a task. */
const VOLATILE_TEXT = /\b[0-9a-f]{40}\b|^Weave-Event: .*$|\b[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}\b/gm;
/** Has the id of a task in it. */
const isTaskCursor = (name: string, value: unknown) =>
  name === 'nextCursor' && typeof value === 'string' && Buffer.from(value, 'base64url').toString().startsWith('["');

function comparable(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(comparable);
  if (typeof value === 'string') return value.replaceAll(VOLATILE_TEXT, 'volatile');
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([name, inner]) => [
      name,
      volatile.has(name) || isTaskCursor(name, inner) ? 'volatile' : comparable(inner),
    ]),
  );
}

const comparedHeaders = ['content-type', 'etag', 'content-range', 'accept-ranges', 'location', 'www-authenticate'];

function describeAnswer({ status, headers, text }: ApiAnswer, { path }: Recorded) {
  let body: unknown = text;
  if (/json/.test(headers.get('content-type') ?? '')) body = comparable(JSON.parse(text));
  // Ranking may differ between databases; what is found may not.
  if (path.startsWith('/v1/search') && status === 200) {
    const found = body as { items: { path: string }[] };
    found.items.sort((one, other) => (one.path < other.path ? -1 : 1));
  }
  return { status, headers: comparedHeaders.map((name) => headers.get(name)), body };
}

function vaultOf({ vault }: TestSystem): Record<string, string> {
  const files = readdirSync(vault, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && !entry.name.startsWith('.weave-tmp') && !`${entry.parentPath}/`.includes('/.git/'),
  );
  return Object.fromEntries(
    files.map(({ parentPath, name }) => [
      join(parentPath, name).slice(vault.length),
      readFileSync(join(parentPath, name), 'utf8'),
    ]),
  );
}

async function indexOf(system: TestSystem): Promise<unknown> {
  const database = await system.openDatabase('mcp-sync');
  const all = (text: string) => database.read.all(text);
  try {
    return {
      notes: await all(
        'SELECT path, link_key, title, is_note, hash, sequence, size, frontmatter, content FROM note ORDER BY path',
      ),
      links: await all(
        `SELECT path, ordinal, link, link.link_key, subpath, alias, embed, line, target_path
         FROM link JOIN note ON note.id = note_id ORDER BY path, ordinal`,
      ),
      tags: await all('SELECT path, tag_key, tag FROM tag JOIN note ON note.id = note_id ORDER BY path, tag_key'),
      events: await all(
        `SELECT type, subject, sequence FROM event_log WHERE type LIKE 'vault.%' ORDER BY subject, sequence, type`,
      ),
      taskEvents: await all(
        `SELECT type, sequence, count(*) AS total FROM event_log WHERE type LIKE 'task.%'
         GROUP BY type, sequence ORDER BY type, sequence`,
      ),
    };
  } finally {
    await database.close();
  }
}

/** Waits until the index and the history have taken every event. */
async function caughtUp(system: TestSystem): Promise<void> {
  await system.settled();
  await until('the history has taken every event', async () => {
    return (await system.call('/v1/git/status')).json.pending.waiting === 0;
  });
}

describe.skipIf(!(await hasServers()))('the one process and a process for each service', () => {
  let one: TestSystem;
  let many: TestSystem;

  beforeAll(async () => {
    [one, many] = await Promise.all([
      startSystem({ definitions: services, shape: 'embedded', environment }),
      startSystem({ definitions: services, shape: 'processes', environment }),
    ]);
  });
  afterAll(async () => {
    await Promise.all([one?.stop(), many?.stop()]);
  });

  test('give the same answers to the same requests, and end in the same state', async () => {
    for (const group of groups) {
      for (const request of group) {
        const { method, path, headers = {}, body } = request;
        const init = { method, headers, ...(body === undefined ? {} : { body }) };
        const [here, there] = await Promise.all([one.call(path, init), many.call(path, init)]);
        expect(describeAnswer(there, request), `${method} ${path.slice(0, 100)}`).toEqual(
          describeAnswer(here, request),
        );
      }
      await Promise.all([one, many].map(caughtUp));
    }
    expect(vaultOf(many)).toEqual(vaultOf(one));
    expect(await indexOf(many)).toEqual(await indexOf(one));
  });
});
