import { createHash } from 'node:crypto';
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { startSystem, type TestSystem, until } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';

let system: TestSystem;

beforeAll(async () => {
  system = await startSystem({ definitions: services, files: { 'List.md': '- [ ] One\n- [ ] Two\n' } });
  await system.settled();
});
afterAll(() => system.stop());

const read = (path: string) => readFileSync(join(system.vault, path), 'utf8');
const titles = async (path: string) =>
  (await system.call(`/v1/tasks?path=${path}`)).json.items.map(({ title }: { title: string }) => title).sort();

/** Restarts the system with its tables as a process left them that was killed. */
async function restartWith(...statements: [text: string, ...values: (string | number)[]][]): Promise<void> {
  system = await system.restart(async () => {
    const database = await system.openDatabase('task');
    await database.transaction(async (sql) => {
      for (const [text, ...values] of statements) await sql.run(text, ...values);
    });
    await database.close();
  });
  await system.settled();
}

describe('a process that was killed', () => {
  test('when it had written the line of a new task and told nobody, has made the task that it said', async () => {
    const made = await system.post('/v1/tasks', {
      title: 'Made and killed',
      projectId: 'p',
      source: { path: 'Made.md' },
    });
    const { id } = made.json;
    const hash = createHash('sha256').update(read('Made.md')).digest('hex');
    await restartWith(
      [`UPDATE task SET state = 'expected' WHERE id = ?`, id],
      [`DELETE FROM task_note WHERE path = 'Made.md'`],
      [
        `INSERT INTO task_pin (vault_id, path, hash, line, task_id, created_at) VALUES ('default', 'Made.md', ?, 1, ?, ?)`,
        hash,
        id,
        Date.now(),
      ],
    );
    const task = await until('the task is there', async () => {
      const answer = await system.call(`/v1/tasks/${id}`);
      return answer.status === 200 ? answer.json : undefined;
    });
    expect(task).toMatchObject({ title: 'Made and killed', projectId: 'p', source: { path: 'Made.md', line: 1 } });
    expect(await titles('Made.md')).toEqual(['Made and killed']);
  });

  test('when it had not written the line yet, makes the same task when it is asked again', async () => {
    const ask = () =>
      system.post(
        '/v1/tasks',
        { title: 'Never written', source: { path: 'Never.md' } },
        { 'idempotency-key': 'never' },
      );
    const { id } = (await ask()).json;
    rmSync(join(system.vault, 'Never.md'));
    await restartWith(
      [`UPDATE task SET state = 'expected', state_at = ? WHERE id = ?`, Date.now(), id],
      [`DELETE FROM task_note WHERE path = 'Never.md'`],
    );
    expect(existsSync(join(system.vault, 'Never.md'))).toBe(false);
    expect((await ask()).json).toMatchObject({ id, title: 'Never written' });
    expect((await ask()).json).toMatchObject({ id });
    expect(read('Never.md')).toBe('- [ ] Never written\n');
    expect(await titles('Never.md')).toEqual(['Never written']);
  });

  test('leaves tasks and notes in agreement', async () => {
    const { checks } = (await system.call('/v1/system/check')).json;
    const check = checks.find(({ name }: { name: string }) => name === 'notes and tasks');
    expect(check).toMatchObject({ checked: 3, disagreements: [] });
  });
});

test('two tasks that are given each other’s titles stay what they are', async () => {
  const [one, two] = (await system.call('/v1/tasks?path=List.md')).json.items;
  const changed = await system.post('/v1/tasks:batch', {
    operations: [
      { op: 'update', id: one.id, changes: { title: 'Two' } },
      { op: 'update', id: two.id, changes: { title: 'One' } },
    ],
  });
  expect(changed.json.tasks.map(({ id }: { id: string }) => id)).toEqual([one.id, two.id]);
  expect(read('List.md')).toBe('- [ ] Two\n- [ ] One\n');
  await system.settled();
  expect((await system.call(`/v1/tasks/${one.id}`)).json).toMatchObject({ title: 'Two', source: { line: 1 } });
  expect((await system.call(`/v1/tasks/${two.id}`)).json).toMatchObject({ title: 'One', source: { line: 2 } });
});
