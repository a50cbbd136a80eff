import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Task } from '@weave-nn/clients';
import { startSystem, type TestSystem, until } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';
import { createTaskCalls } from './fixture/tasks.ts';

let system: TestSystem;
const { read, write, list, inNote, titled, patch, create, eventsOf } = createTaskCalls(() => system);
const today = new Intl.DateTimeFormat('en-CA').format(Date.now());

beforeAll(async () => {
  system = await startSystem({
    definitions: services,
    files: {
      'Garden.md':
        '# Beds\r\n\r\n- [ ] Sow peas 📅 2026-12-01 ⏫ #garden\r\n> [!todo] Later\r\n> 1. [/] Dig [due:: 2027-01-01]  [id:: dig1]\r\n>    - [x] Buy a spade ✅ 2026-11-01\r\n',
      'Odd.md': '- [ ] Impossible 📅 2026-02-30 🔁 every blue moon\n- [ ] Far 📅 9999-12-31\n',
    },
  });
  await system.settled();
});
afterAll(() => system.stop());
describe('tasks in notes', () => {
  test('are found, with what their lines say', async () => {
    const tasks = (await inNote('Garden.md')).sort((a, b) => (a.source?.line ?? 0) - (b.source?.line ?? 0));
    expect(tasks).toMatchObject([
      {
        title: 'Sow peas',
        status: 'todo',
        completed: false,
        priority: 'high',
        dueDate: '2026-12-01',
        tags: ['#garden'],
        projectId: null,
        assignee: null,
        source: { path: 'Garden.md', line: 3, heading: 'Beds' },
      },
      { title: 'Dig', status: 'in_progress', dueDate: '2027-01-01', externalId: 'dig1', source: { line: 5 } },
      {
        title: 'Buy a spade',
        status: 'done',
        completed: true,
        doneDate: '2026-11-01',
        completedAt: '2026-11-01T00:00:00.000Z',
      },
    ]);
  });

  test('say what they cannot mean, and keep it', async () => {
    expect(await inNote('Odd.md')).toMatchObject([
      {
        title: 'Impossible',
        dueDate: null,
        recurrence: null,
        warnings: ['the due date 2026-02-30 does not exist', 'the recurrence "every blue moon" is not understood'],
      },
      { title: 'Far', dueDate: '9999-12-31', warnings: [] },
    ]);
    const { id } = await titled('Impossible');
    expect((await patch(id, { title: 'Still impossible' })).status).toBe(200);
    expect(read('Odd.md')).toContain('- [ ] Still impossible 📅 2026-02-30 🔁 every blue moon\n');
  });

  test('are changed in their line and nowhere else', async () => {
    const before = read('Garden.md');
    const { id, etag } = await titled('Sow peas');
    const answer = await patch(
      id,
      { title: 'Sow beans', dueDate: '2026-12-24', priority: null, tags: ['garden', 'spring'] },
      { 'if-match': etag },
    );
    expect(answer.json).toMatchObject({
      id,
      title: 'Sow beans',
      dueDate: '2026-12-24',
      priority: null,
      tags: ['#spring', '#garden'],
    });
    expect(answer.headers.get('etag')).not.toBe(etag);
    expect(read('Garden.md')).toBe(
      before.replace('Sow peas 📅 2026-12-01 ⏫ #garden', 'Sow beans #spring 📅 2026-12-24 #garden'),
    );
    const [, updated] = await eventsOf(id, 2);
    expect(updated).toMatchObject({
      type: 'task.updated',
      source: '/default/task',
      data: {
        taskId: id,
        actor: 'key:default',
        title: 'Sow beans',
        changes: { title: { from: 'Sow peas', to: 'Sow beans' } },
      },
    });
  });

  test('are changed in callouts and in the Dataview form as well', async () => {
    const before = read('Garden.md');
    const { id } = await titled('Dig');
    expect((await patch(id, { startDate: '2026-12-01', dueDate: '2027-01-02' })).status).toBe(200);
    expect(read('Garden.md')).toBe(
      before.replace('[due:: 2027-01-01]  [id:: dig1]', '[due:: 2027-01-02]  [id:: dig1]  [start:: 2026-12-01]'),
    );
  });

  test('are refused a change when somebody else made one, and nothing is written', async () => {
    const { id, etag } = await titled('Dig');
    expect((await patch(id, { priority: 'low' }, { 'if-match': etag })).status).toBe(200);
    const before = read('Garden.md');
    const stale = await patch(id, { priority: 'high' }, { 'if-match': etag });
    expect(stale.json).toMatchObject({ status: 412, code: 'precondition-failed' });
    expect(read('Garden.md')).toBe(before);
  });

  test('are changed where their line is now, though nobody told of its moving', async () => {
    await system.put('Moving.md', '- [ ] Still\n- [ ] Travel\n');
    const { id, etag } = await titled('Travel');
    // No event of it can have been applied before the request.
    write('Moving.md', `\n\n${'text\n'.repeat(50)}\n- [ ] Travel\n- [ ] Still\n`);
    const answer = await patch(id, { dueDate: '2027-02-03' }, { 'if-match': etag });
    expect(answer.json).toMatchObject({ id, dueDate: '2027-02-03', source: { line: 54 } });
    expect(read('Moving.md')).toBe(`\n\n${'text\n'.repeat(50)}\n- [ ] Travel 📅 2027-02-03\n- [ ] Still\n`);
  });

  test('keep what an editor changed meanwhile', async () => {
    await system.put('Both.md', '- [ ] Paint the fence\n');
    const { id } = await titled('Paint the fence');
    write('Both.md', '- [ ] Paint the old fence ⏫\n');
    expect((await patch(id, { dueDate: '2027-02-03' })).json).toMatchObject({
      id,
      title: 'Paint the old fence',
      priority: 'high',
    });
    expect(read('Both.md')).toBe('- [ ] Paint the old fence ⏫ 📅 2027-02-03\n');
  });

  test('answer a conflict when their line is gone', async () => {
    await system.put('Gone.md', '- [ ] Vanish\n');
    const { id } = await titled('Vanish');
    write('Gone.md', 'nothing\n');
    expect((await patch(id, { title: 'Come back' })).json).toMatchObject({ status: 409, code: 'task-conflict' });
    expect(read('Gone.md')).toBe('nothing\n');
    await until('it is said to be deleted', async () => (await eventsOf(id, 1)).at(-1)?.type === 'task.deleted');
    expect((await system.call(`/v1/tasks/${id}`)).json).toMatchObject({ status: 404, code: 'task-not-found' });
  });

  test('keep their identity when they are edited, moved and renamed', async () => {
    await system.put('Identity.md', '- [ ] First\n- [ ] Second\n- [ ] Third\n');
    const first = await titled('First');
    const second = await titled('Second');
    await system.post(`/v1/tasks/${first.id}/comments`, { body: 'of the first' });
    write('Identity.md', '- [ ] Third\n- [ ] First of all 📅 2027-01-01\n- [ ] Second\n');
    expect((await titled('First of all')).id).toBe(first.id);
    write('Identity.md', '- [ ] Third\n- [ ] Something quite different\n- [ ] Second\n');
    expect(await titled('Something quite different')).toMatchObject({ id: first.id, comments: 1 });
    renameSync(join(system.vault, 'Identity.md'), join(system.vault, 'Renamed.md'));
    await until('the note is renamed', async () => (await inNote('Renamed.md')).length === 3);
    expect(new Set((await inNote('Renamed.md')).map(({ id }) => id))).toContain(first.id);
    expect((await system.call(`/v1/tasks/${second.id}`)).json.source).toMatchObject({ path: 'Renamed.md', line: 3 });
    const answer = await system.post('/v1/files:move', { from: 'Renamed.md', to: 'Deep/Moved.md' });
    expect(answer.status).toBe(200);
    await until('it is moved', async () => (await inNote('Deep')).length === 3);
    expect((await system.call(`/v1/tasks/${first.id}`)).json.source.path).toBe('Deep/Moved.md');
  });

  test.each([
    ['cut and then pasted', ['- [ ] Other\n', '- [ ] Stay\n- [ ] Wander #far\n'], false],
    ['pasted and then cut', ['- [ ] Other\n', '- [ ] Stay\n- [ ] Wander #far\n'], true],
  ])('keep their identity in another note, %s', async (_, [without = '', withIt = ''], pasteFirst) => {
    const name = pasteFirst ? 'Paste' : 'Cut';
    await system.put(`${name}/From.md`, '- [ ] Wander #far\n- [ ] Other\n');
    await system.put(`${name}/To.md`, '- [ ] Stay\n');
    const wandering = async () => (await inNote(name)).filter(({ title }) => title === 'Wander');
    const [before] = await until('it is found', async () => {
      const found = await wandering();
      return found.length === 1 ? found : undefined;
    });
    const cut = () => write(`${name}/From.md`, without);
    const paste = () => write(`${name}/To.md`, withIt);
    for (const step of pasteFirst ? [paste, cut] : [cut, paste]) {
      step();
      await system.settled();
    }
    const [after] = await until('it is in the other note', async () => {
      const found = await wandering();
      return found.length === 1 && found[0]?.source?.path === `${name}/To.md` ? found : undefined;
    });
    expect(after?.id).toBe(before?.id);
  });

  test('are deleted though the line has just been copied, which stays a task of its own', async () => {
    await system.put('Copied/One.md', '- [ ] Stay\n- [ ] Twice\n');
    const { id } = await titled('Twice');
    await system.put('Copied/Two.md', '- [ ] Twice\n');
    const copy = await until('the copy is found', async () => (await inNote('Copied/Two.md'))[0]);
    expect((await system.call(`/v1/tasks/${id}`, { method: 'DELETE' })).status).toBe(204);
    await system.settled();
    expect((await system.call(`/v1/tasks/${id}`)).status).toBe(404);
    expect(await inNote('Copied')).toMatchObject([{ title: 'Stay' }, { id: copy.id }]);
    expect((await eventsOf(copy.id, 1)).map(({ type }) => type)).toEqual(['task.created']);
  });

  test('do not become those of a note that keeps what lost against another text', async () => {
    await system.put('Lost/Note.md', '- [ ] Stay\n- [ ] Saved over\n');
    const { id } = await titled('Saved over');
    await system.put('Lost/Note (conflict 2026-11-24 123005).md', '- [ ] Saved over\n');
    const kept = await until('the other is found', async () =>
      (await inNote('Lost')).find((task) => task.title === 'Saved over' && task.id !== id),
    );
    write('Lost/Note.md', '- [ ] Stay\n');
    await until('it is gone', async () => (await system.call(`/v1/tasks/${id}`)).status === 404);
    write('Lost/Note.md', '- [ ] Stay\n- [ ] Saved over\n');
    await until('it is back', async () => (await inNote('Lost/Note.md')).length === 2);
    expect((await inNote('Lost')).map((task) => task.id)).toEqual(expect.arrayContaining([id, kept.id]));
  });

  test('are gone with their note', async () => {
    await system.put('Short.md', '- [ ] Live briefly\n');
    const { id } = await titled('Live briefly');
    rmSync(join(system.vault, 'Short.md'));
    await until('it is said to be deleted', async () => (await eventsOf(id, 1)).at(-1)?.type === 'task.deleted');
  });
});

describe('new tasks', () => {
  test('become a line of the note they are made for', async () => {
    write('Inbox.md', '# Inbox\n\n- [ ] Read\n\n# Done\n');
    const task = await create({
      title: 'Write to Ana',
      dueDate: '2027-03-01',
      tags: ['#post'],
      priority: 'medium',
      assignee: 'ben',
      projectId: 'letters',
      source: { path: 'Inbox.md', heading: 'Inbox' },
    });
    expect(task).toMatchObject({
      source: { path: 'Inbox.md', line: 4, heading: 'Inbox' },
      assignee: 'ben',
      projectId: 'letters',
    });
    expect(read('Inbox.md')).toBe('# Inbox\n\n- [ ] Read\n- [ ] Write to Ana #post 🔼 📅 2027-03-01\n\n# Done\n');
    await system.settled();
    expect((await inNote('Inbox.md')).filter(({ title }) => title === 'Write to Ana')).toEqual([task]);
    expect((await eventsOf(task.id, 1)).map(({ type }) => type)).toEqual(['task.created']);
  });

  test('make the note where it is missing, and take tags out of the title', async () => {
    const task = await create({ title: 'Call #family now', source: { path: 'New/Calls.md' } });
    expect(task).toMatchObject({ title: 'Call now', tags: ['#family'], source: { path: 'New/Calls.md', line: 1 } });
    expect(read('New/Calls.md')).toBe('- [ ] Call now #family\n');
  });

  test('may live in no note', async () => {
    const task = await create({ title: 'Bug #123: 📅 2026-01-01 is kept as text', tags: ['ops'] });
    expect(task).toMatchObject({ title: 'Bug #123: 📅 2026-01-01 is kept as text', tags: ['#ops'], source: null });
    const changed = await patch(task.id, { title: 'Bug', tags: null, dueDate: '2027-01-01' });
    expect(changed.json).toMatchObject({ title: 'Bug', tags: [], dueDate: '2027-01-01' });
    expect((await system.call(`/v1/tasks/${task.id}`, { method: 'DELETE' })).status).toBe(204);
    expect((await system.call(`/v1/tasks/${task.id}`)).status).toBe(404);
    expect((await eventsOf(task.id, 3)).map(({ type }) => type)).toEqual([
      'task.created',
      'task.updated',
      'task.deleted',
    ]);
  });

  test('are made once under one Idempotency-Key', async () => {
    const body = { title: 'Only once', source: { path: 'Once.md' } };
    const headers = { 'idempotency-key': 'once-1' };
    const [one, two] = await Promise.all([
      system.post('/v1/tasks', body, headers),
      system.post('/v1/tasks', body, headers),
    ]);
    const three = await system.post('/v1/tasks', body, headers);
    const ids = [one, two, three].filter(({ status }) => status === 201).map(({ json }) => json.id);
    expect(new Set(ids).size).toBe(1);
    expect(three.status).toBe(201);
    expect(read('Once.md')).toBe('- [ ] Only once\n');
    const other = await system.post('/v1/tasks', { ...body, title: 'Another' }, headers);
    expect(other.json).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
  });

  test('are not made of nothing', async () => {
    const headers = { 'content-type': 'application/json' };
    expect((await system.call('/v1/tasks', { method: 'POST', headers })).json).toMatchObject({ status: 400 });
    const broken = await system.call('/v1/tasks', { method: 'POST', headers, body: '{"title":' });
    expect(broken.json).toMatchObject({ status: 400, code: 'body-not-json' });
  });

  test.each([
    [{}, 400, 'request-invalid'],
    [{ title: '' }, 400, 'request-invalid'],
    [{ title: 'x', colour: 'red' }, 400, 'request-invalid'],
    [{ title: 'x', dueDate: '2026-02-30' }, 400, 'request-invalid'],
    [{ title: 'x', dueDate: 'tomorrow' }, 400, 'request-invalid'],
    [{ title: 'x', priority: 'urgent' }, 400, 'request-invalid'],
    [{ title: 'x', status: 'waiting' }, 400, 'request-invalid'],
    [{ title: 'x', tags: ['two words'] }, 400, 'tag-invalid'],
    [{ title: 'x\ny' }, 400, 'title-invalid'],
    [{ title: 'x', recurrence: 'now and then' }, 400, 'recurrence-invalid'],
    [{ title: 'x', source: { path: '../x.md' } }, 400, 'path-outside-vault'],
    [{ title: 'x', source: { path: '.hidden/x.md' } }, 400, 'path-hidden'],
    [{ title: 'x', source: { path: 'picture.png' } }, 400, 'not-a-note'],
    [{ title: 'x', source: { path: 'Garden.md', heading: 'Nowhere' } }, 404, 'heading-not-found'],
    [{ title: 'x 📅 2026-01-01', source: { path: 'Garden.md' } }, 422, 'task-unwritable'],
    [{ title: 'x ^block', source: { path: 'Garden.md' } }, 422, 'task-unwritable'],
  ])('%j are refused', async (body, status, code) => {
    const before = read('Garden.md');
    expect((await system.post('/v1/tasks', body)).json).toMatchObject({ status, code });
    expect(read('Garden.md')).toBe(before);
  });

  test('are not written into what is no text', async () => {
    writeFileSync(join(system.vault, 'Latin.md'), Buffer.from([0x2d, 0x20, 0x5b, 0x20, 0x5d, 0x20, 0xe4, 0x0a]));
    const refused = await system.post('/v1/tasks', { title: 'x', source: { path: 'Latin.md' } });
    expect(refused.json).toMatchObject({ status: 422, code: 'note-not-utf8' });
  });
});

describe('the status of a task', () => {
  test('moves in the ways that there are', async () => {
    await system.put('Moves.md', '- [ ] Bake\n');
    const { id } = await titled('Bake');
    expect((await patch(id, { status: 'in_progress' })).json.status).toBe('in_progress');
    expect(read('Moves.md')).toBe('- [/] Bake\n');
    expect((await system.call(`/v1/tasks/${id}/complete`, { method: 'POST' })).json).toMatchObject({
      status: 'done',
      doneDate: today,
    });
    expect(read('Moves.md')).toBe(`- [x] Bake ✅ ${today}\n`);
    expect((await patch(id, { status: 'cancelled' })).json).toMatchObject({ status: 409, code: 'status-move-illegal' });
    const again = { method: 'POST', headers: { 'content-type': 'application/json' } };
    expect((await system.call(`/v1/tasks/${id}/complete`, again)).json.status).toBe('done');
    expect((await system.call(`/v1/tasks/${id}/reopen`, { method: 'POST' })).json).toMatchObject({
      status: 'todo',
      doneDate: null,
      completedAt: null,
    });
    expect(read('Moves.md')).toBe('- [ ] Bake\n');
    expect((await patch(id, { status: 'cancelled' })).json).toMatchObject({ cancelledDate: today });
    expect(read('Moves.md')).toBe(`- [-] Bake ❌ ${today}\n`);
    expect((await system.call(`/v1/tasks/${id}/complete`, { method: 'POST' })).json).toMatchObject({ status: 409 });
    expect((await patch(id, { completed: true, status: 'todo' })).json).toMatchObject({
      status: 400,
      code: 'status-contradicts',
    });
    const types = (await eventsOf(id, 5)).map(({ type }) => type);
    expect(types).toEqual(['task.created', 'task.updated', 'task.completed', 'task.updated', 'task.updated']);
  });

  test('of one that recurs brings the next one above it', async () => {
    await system.put('Recurring.md', '- [ ] Bins 🔁 every week 📅 2026-11-20 ^bins\n- [ ] Undated 🔁 every day\n');
    const bins = await titled('Bins');
    expect((await system.call(`/v1/tasks/${bins.id}/complete`, { method: 'POST' })).json).toMatchObject({
      id: bins.id,
      status: 'done',
      source: { line: 2 },
    });
    const undated = await titled('Undated');
    expect((await system.call(`/v1/tasks/${undated.id}/complete`, { method: 'POST' })).json).toMatchObject({
      id: undated.id,
      status: 'done',
      source: { line: 4 },
    });
    expect(read('Recurring.md')).toBe(
      `- [ ] Bins 🔁 every week 📅 2026-11-27\n- [x] Bins 🔁 every week 📅 2026-11-20 ✅ ${today} ^bins\n- [ ] Undated 🔁 every day\n- [x] Undated 🔁 every day ✅ ${today}\n`,
    );
    await system.settled();
    const tasks = await inNote('Recurring.md');
    expect(tasks.map(({ title, status, source }) => `${source?.line} ${title} ${status}`).sort()).toEqual([
      '1 Bins todo',
      '2 Bins done',
      '3 Undated todo',
      '4 Undated done',
    ]);
  });

  test('of one that recurs in no note makes the next one', async () => {
    const task = await create({ title: 'Back up', recurrence: 'every month', dueDate: '2027-01-31', projectId: 'ops' });
    expect((await system.call(`/v1/tasks/${task.id}/complete`, { method: 'POST' })).status).toBe(200);
    expect(await list('&projectId=ops&completed=false')).toMatchObject([{ title: 'Back up', dueDate: '2027-02-28' }]);
  });

  test('of one that can never recur again stays, and nothing is lost', async () => {
    await system.put('Never.md', '- [ ] Leap 🔁 every February on the 30th 📅 2026-02-01\n');
    const { id } = await titled('Leap');
    const refused = await system.call(`/v1/tasks/${id}/complete`, { method: 'POST' });
    expect(refused.json).toMatchObject({ status: 422, code: 'recurrence-impossible' });
    expect(read('Never.md')).toBe('- [ ] Leap 🔁 every February on the 30th 📅 2026-02-01\n');
  });

  test('of one that is to be deleted when it is done takes the line away', async () => {
    await system.put('Delete.md', 'a\n- [ ] Burn after reading 🏁 delete\nb\n');
    const { id } = await titled('Burn after reading');
    const done = await system.call(`/v1/tasks/${id}/complete`, { method: 'POST' });
    expect(done.json).toMatchObject({ id, status: 'done', doneDate: today });
    expect(read('Delete.md')).toBe('a\nb\n');
    expect((await eventsOf(id, 3)).map(({ type }) => type)).toEqual(['task.created', 'task.completed', 'task.deleted']);
  });

  test.each([
    ['an indented task', '- [ ] Burn parent 🏁 delete\n  - [ ] Child\n'],
    ['text of its own', '- [ ] Burn parent 🏁 delete\n\n  More about it.\n'],
    ['the Dataview form', '- [ ] Burn parent [onCompletion:: delete]\n\t- a list\n'],
    ['one that recurs', '- [ ] Burn parent 🔁 every day 📅 2026-01-01 🏁 delete\n    - [ ] Child\n'],
    ['a quote', '> - [ ] Burn parent 🏁 delete\n>   - [ ] Child\n'],
  ])('of one to be deleted that has lines below it is refused, and nothing is written: %s', async (_, text) => {
    await system.put('Parent.md', text);
    const { id } = await titled('Burn parent');
    for (const request of [
      () => system.call(`/v1/tasks/${id}/complete`, { method: 'POST' }),
      () => patch(id, { status: 'done' }),
    ]) {
      expect((await request()).json).toMatchObject({ status: 409, code: 'task-has-children' });
    }
    expect(read('Parent.md')).toBe(text);
    await system.call('/v1/files/Parent.md', { method: 'DELETE' });
    await system.settled();
  });

  test('keeps or deletes it as onCompletion says, which can be set', async () => {
    await system.put('Completion.md', '- [ ] Keep me\n- [ ] Drop me 🏁 keep\n');
    const kept = await titled('Keep me');
    expect(kept.onCompletion).toBeNull();
    expect((await patch(kept.id, { onCompletion: 'delete' })).json.onCompletion).toBe('delete');
    expect((await patch(kept.id, { onCompletion: null })).json.onCompletion).toBeNull();
    expect(read('Completion.md')).toBe('- [ ] Keep me\n- [ ] Drop me 🏁 keep\n');
    const dropped = await titled('Drop me');
    expect(dropped.onCompletion).toBe('keep');
    expect((await patch(dropped.id, { onCompletion: 'delete' })).status).toBe(200);
    expect(read('Completion.md')).toBe('- [ ] Keep me\n- [ ] Drop me 🏁 delete\n');
    await system.call(`/v1/tasks/${dropped.id}/complete`, { method: 'POST' });
    expect(read('Completion.md')).toBe('- [ ] Keep me\n');
    expect((await patch(kept.id, { onCompletion: 'burn' })).status).toBe(400);
  });

  test('deletes one that lives in no note', async () => {
    const { id } = await create({ title: 'Row to drop', onCompletion: 'delete' });
    const done = await system.call(`/v1/tasks/${id}/complete`, { method: 'POST' });
    expect(done.json).toMatchObject({ id, status: 'done' });
    expect((await system.call(`/v1/tasks/${id}`)).status).toBe(404);
    expect((await eventsOf(id, 3)).map(({ type }) => type)).toEqual(['task.created', 'task.completed', 'task.deleted']);
  });
});

describe('deleting a task', () => {
  test('takes its line away, but not what belongs to it', async () => {
    await system.put('Remove.md', '- [ ] Parent\n  - [ ] Child\n- [ ] Twin\n- [ ] Twin\n');
    const parent = await titled('Parent');
    const refused = await system.call(`/v1/tasks/${parent.id}`, { method: 'DELETE' });
    expect(refused.json).toMatchObject({ status: 409, code: 'task-has-children' });
    const [one, two] = (await inNote('Remove.md')).filter(({ title }) => title === 'Twin') as [Task, Task];
    expect((await system.call(`/v1/tasks/${one.id}`, { method: 'DELETE' })).status).toBe(204);
    expect(read('Remove.md')).toBe('- [ ] Parent\n  - [ ] Child\n- [ ] Twin\n');
    await system.settled();
    expect((await system.call(`/v1/tasks/${two.id}`)).json.title).toBe('Twin');
    expect((await system.call(`/v1/tasks/${one.id}`)).status).toBe(404);
  });
});
