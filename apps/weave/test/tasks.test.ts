import { rmSync } from 'node:fs';
import { join } from 'node:path';
import type { Project, Task, TaskComment } from '@weave-nn/clients';
import { type ApiAnswer, encodePath, startSystem, type TestSystem, until } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';
import { createTaskCalls } from './fixture/tasks.ts';

let system: TestSystem;
const { read, write, list, inNote, titled, patch, create, eventsOf } = createTaskCalls(() => system);
const today = new Intl.DateTimeFormat('en-CA').format(Date.now());

beforeAll(async () => {
  system = await startSystem({ definitions: services });
});
afterAll(() => system.stop());

describe('several changes at once', () => {
  test('are all done, in several notes and in none', async () => {
    await system.put('Bulk/One.md', '- [ ] Bulk a\n- [ ] Bulk b\n');
    await system.put('Bulk/Two.md', '- [ ] Bulk c\n');
    const row = await create({ title: 'Bulk d' });
    const [a, b, c] = await Promise.all(['Bulk a', 'Bulk b', 'Bulk c'].map(titled));
    const { json } = await system.post('/v1/tasks:batch', {
      operations: [
        { op: 'complete', id: a?.id },
        { op: 'update', id: b?.id, changes: { title: 'Bulk A', priority: 'high' } },
        { op: 'delete', id: c?.id },
        { op: 'update', id: row.id, changes: { assignee: 'ana' } },
        { op: 'create', task: { title: 'Bulk e', source: { path: 'Bulk/Two.md' } } },
      ],
    });
    expect(json.tasks).toMatchObject([
      { id: a?.id, status: 'done' },
      { id: b?.id, title: 'Bulk A' },
      null,
      { id: row.id, assignee: 'ana' },
      { title: 'Bulk e', source: { path: 'Bulk/Two.md', line: 1 } },
    ]);
    expect(read('Bulk/One.md')).toBe(`- [x] Bulk a ✅ ${today}\n- [ ] Bulk A ⏫\n`);
    expect(read('Bulk/Two.md')).toBe('- [ ] Bulk e\n');
  });

  test('are none of them done when one is refused', async () => {
    await system.put('Bulk/Three.md', '- [ ] Bulk f\n');
    const f = await titled('Bulk f');
    const refused = await system.post('/v1/tasks:batch', {
      operations: [
        { op: 'complete', id: f.id },
        { op: 'update', id: 'nobody', changes: { title: 'x' } },
      ],
    });
    expect(refused.json).toMatchObject({ status: 404, code: 'task-not-found' });
    expect(read('Bulk/Three.md')).toBe('- [ ] Bulk f\n');
    const twice = await system.post('/v1/tasks:batch', {
      operations: [
        { op: 'complete', id: f.id },
        { op: 'delete', id: f.id },
      ],
    });
    expect(twice.json).toMatchObject({ status: 400, code: 'operations-overlap' });
  });

  test('of one note by many callers at once are all done', async () => {
    const names = Array.from({ length: 20 }, (_, index) => `Race ${index}`);
    await system.put('Race.md', names.map((name) => `- [ ] ${name}\n`).join(''));
    const tasks = await Promise.all(names.map(titled));
    const answers = await Promise.all(tasks.map(({ id }) => patch(id, { priority: 'low' })));
    expect(answers.map(({ status }) => status)).toEqual(names.map(() => 200));
    expect(read('Race.md')).toBe(names.map((name) => `- [ ] ${name} 🔽\n`).join(''));
  });
});

describe('lists of tasks', () => {
  beforeAll(async () => {
    const lines = [
      '- [ ] List a 📅 2030-01-03 #list/deep',
      '- [ ] List b 📅 2030-01-01 ⏫ #list',
      '- [x] List c 📅 2030-01-02 #list',
      '- [-] List d #list',
      '- [/] List e ⏬ #list',
    ];
    await system.put('List/Note.md', `${lines.join('\n')}\n`);
    await titled('List e');
  });

  const titles = async (query: string) =>
    (await list(`&path=List/Note.md${query}`)).map(({ title }) => title.slice(-1)).join('');

  test.each([
    ['', 'abcde'],
    ['&sort=-createdAt', 'edcba'],
    ['&sort=dueDate', 'bcade'],
    ['&sort=-dueDate', 'edacb'],
    ['&sort=priority', 'bacde'],
    ['&sort=title', 'abcde'],
    ['&sort=-title', 'edcba'],
    ['&completed=true', 'c'],
    ['&completed=false', 'abde'],
    ['&status=todo', 'ab'],
    ['&status=todo,in_progress', 'abe'],
    ['&dueBefore=2030-01-03', 'bc'],
    ['&dueAfter=2030-01-01', 'ca'],
    ['&dueAfter=2030-01-01&dueBefore=2030-01-03', 'c'],
    ['&tag=list', 'abcde'],
    ['&tag=%23list/deep', 'a'],
    ['&tag=LIST', 'abcde'],
    ['&tag=lis', ''],
    ['&projectId=nobodys', ''],
    ['&completed=false&dueBefore=2030-01-02&tag=list&status=todo', 'b'],
  ])('with %j are %j', async (query, expected) => {
    expect(await titles(query)).toBe(expected);
  });

  test.each(['createdAt', 'dueDate', '-dueDate', 'priority', '-title', 'updatedAt'])(
    'go page by page by %s',
    async (sort) => {
      const all = await list(`&path=List&sort=${sort}`);
      const paged: Task[] = [];
      for (let cursor: string | null = ''; cursor !== null; ) {
        const page: ApiAnswer = await system.call(
          `/v1/tasks?path=List&sort=${sort}&limit=2${cursor ? `&cursor=${cursor}` : ''}`,
        );
        paged.push(...page.json.items);
        cursor = page.json.nextCursor;
      }
      expect(paged).toEqual(all);
    },
  );

  test.each([
    ['limit=0', 'request-invalid'],
    ['status=waiting', 'request-invalid'],
    ['sort=colour', 'request-invalid'],
    ['dueBefore=2026-02-30', 'request-invalid'],
    ['colour=red', 'request-invalid'],
    ['cursor=abc', 'cursor-invalid'],
    [`cursor=${Buffer.from('["createdAt",false,"\\u0000","x"]').toString('base64url')}`, 'cursor-invalid'],
    [`sort=title&cursor=${Buffer.from('["createdAt",false,"x","x"]').toString('base64url')}`, 'cursor-invalid'],
  ])('with %s are refused', async (query, code) => {
    expect((await system.call(`/v1/tasks?${query}`)).json).toMatchObject({ status: 400, code });
  });

  test('take a query with a NUL for one that finds nothing', async () => {
    expect((await system.call('/v1/tasks?projectId=a%00b&tag=%00&path=%00')).json).toEqual({
      items: [],
      nextCursor: null,
    });
  });
});

describe('projects', () => {
  test('count the tasks that they have', async () => {
    const made = await system.post('/v1/projects', { id: 'house', name: 'The house' });
    expect(made.json).toMatchObject({ id: 'house', name: 'The house', counts: { total: 0 } });
    expect((await system.post('/v1/projects', { id: 'house', name: 'Again' })).json).toMatchObject({
      status: 409,
      code: 'project-exists',
    });
    const late = await create({ title: 'Late', projectId: 'house', dueDate: '2020-01-01' });
    await create({ title: 'Later', projectId: 'house', status: 'done' });
    const { json: project }: { json: Project } = await system.call('/v1/projects/house');
    expect(project.counts).toEqual({ total: 2, todo: 1, in_progress: 0, done: 1, cancelled: 0, overdue: 1 });
    expect((await list('&projectId=house')).length).toBe(2);
    const changed = await system.call('/v1/projects/house', {
      method: 'PATCH',
      headers: { 'content-type': 'application/merge-patch+json' },
      body: '{"description":"Walls"}',
    });
    expect(changed.json).toMatchObject({ name: 'The house', description: 'Walls' });
    const refused = await system.call('/v1/projects/house', { method: 'DELETE' });
    expect(refused.json).toMatchObject({ status: 409, code: 'project-has-tasks' });
    for (const { id } of await list('&projectId=house')) await patch(id, { projectId: null });
    expect((await system.call('/v1/projects/house', { method: 'DELETE' })).status).toBe(204);
    expect((await system.call('/v1/projects/house')).json).toMatchObject({ status: 404, code: 'project-not-found' });
    expect((await system.call(`/v1/tasks/${late.id}`)).json.projectId).toBeNull();
    await system.post('/v1/projects', { name: 'The garden' });
    expect((await system.call('/v1/projects?limit=1')).json.items.length).toBe(1);
  });
});

describe('comments', () => {
  test('are kept in order, with who is mentioned, and told of', async () => {
    const task = await create({ title: 'Talk', watchers: ['ana'] });
    const path = `/v1/tasks/${task.id}/comments`;
    const said = await system.post(path, { body: 'Ask @ben and @carla-x, not me@example.org. @ben!' });
    expect(said.status).toBe(201);
    expect(said.json).toMatchObject({ taskId: task.id, author: 'key:default', mentions: ['ben', 'carla-x'] });
    for (const body of ['two', 'three']) await system.post(path, { body });
    const first = (await system.call(`${path}?limit=2`)).json;
    const rest = (await system.call(`${path}?limit=2&cursor=${first.nextCursor}`)).json;
    expect([...first.items, ...rest.items].map(({ body }: TaskComment) => body)).toEqual([
      expect.stringContaining('Ask'),
      'two',
      'three',
    ]);
    expect((await system.call(`/v1/tasks/${task.id}`)).json.comments).toBe(3);
    const [event] = await eventsOf(`${task.id}/comments`, 3);
    expect(event).toMatchObject({
      type: 'task.commented',
      data: { taskId: task.id, commentId: said.json.id, mentions: ['ben', 'carla-x'] },
    });
    expect((await system.post('/v1/tasks/nobody/comments', { body: 'x' })).json).toMatchObject({
      code: 'task-not-found',
    });
    expect((await system.post(path, { body: ' ' })).json).toMatchObject({ code: 'request-invalid' });
  });
});

describe('what is due', () => {
  test('is told once when it comes, and once when it is past, also after a restart', async () => {
    const soon = await create({ title: 'Due today', dueDate: today });
    const past = await create({ title: 'Due long ago', dueDate: '2020-01-01' });
    const far = await create({ title: 'Due in a while', dueDate: '9999-12-31' });
    const told = async (id: string) => {
      const log = await system.openDatabase('mcp-sync');
      const rows = await log.read.all<{ type: string }>(
        'SELECT type FROM event_log WHERE subject = ? ORDER BY sequence',
        `${id}/due`,
      );
      await log.close();
      return rows.map(({ type }) => type);
    };
    await until('it is told', async () => (await told(soon.id)).length > 0 && (await told(past.id)).length > 0);
    system = await system.restart();
    const later = await create({ title: 'Due after the restart', dueDate: today });
    await until('the next is told', async () => (await told(later.id)).length > 0);
    expect([await told(soon.id), await told(past.id), await told(far.id)]).toEqual([
      ['task.due'],
      ['task.overdue'],
      [],
    ]);
  });
});

describe('after a restart', () => {
  test('the tasks are those of the notes that were changed meanwhile', async () => {
    await system.put('Restart.md', '- [ ] Before\n- [ ] Stays\n');
    const before = await titled('Before');
    system = await system.restart(() => {
      write('Restart.md', '- [ ] Stays\n- [x] Before\n');
      write('Restart new.md', '- [ ] Made while nothing ran\n');
    });
    await titled('Made while nothing ran');
    await until('it is done', async () => (await system.call(`/v1/tasks/${before.id}`)).json.status === 'done');
    await system.settled();
    const { checks } = (await system.call('/v1/system/check')).json;
    expect(checks.find(({ name }: { name: string }) => name === 'notes and tasks')).toMatchObject({
      disagreements: [],
    });
  });
});

test('the list of a note is in its context', async () => {
  const { json } = await system.call(`/v1/context/${encodePath('List/Note.md')}`);
  expect(json.tasks.map(({ title }: Task) => title)).toEqual(['List a', 'List b', 'List c', 'List d', 'List e']);
});

test('ten thousand tasks may be in one note, and each can be changed', async () => {
  const lines = Array.from({ length: 10_000 }, (_, index) => `- [ ] Number ${index} 📅 2027-05-05`);
  await system.put('Many.md', `${lines.join('\n')}\n`);
  await system.settled();
  const { items, nextCursor } = (await system.call('/v1/tasks?path=Many.md&sort=-createdAt&limit=1')).json;
  expect([items[0].title, nextCursor === null]).toEqual(['Number 9999', false]);
  expect((await patch(items[0].id, { title: 'The last' })).status).toBe(200);
  lines[9_999] = '- [ ] The last 📅 2027-05-05';
  expect(read('Many.md') === `${lines.join('\n')}\n`).toBe(true);
  write('Many.md', `- [ ] One more\n${lines.join('\n')}\n`);
  await titled('One more');
  expect((await system.call(`/v1/tasks/${items[0].id}`)).json.source.line).toBe(10_001);
  rmSync(join(system.vault, 'Many.md'));
  await until('none is left', async () => (await inNote('Many.md')).length === 0);
}, 60_000);
