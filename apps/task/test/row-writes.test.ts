import { describe, expect, test } from 'vitest';
import { endedRows, patchedRows } from '../src/domain/change/row-writes.ts';
import { blankTask } from '../src/domain/change/task-change.ts';
import type { StoredTask } from '../src/domain/stored-task.ts';

const task: StoredTask = { ...blankTask('t1', 0), title: 'Water the beans', status: 'todo' };
const stored = new Map([['t1', task]]);
const copyOf = (other: StoredTask): StoredTask => ({ ...other, id: 'copy' });

describe('a patch', () => {
  test('changes a row that is there', () => {
    expect(patchedRows(new Map([['t1', { projectId: 'p' }]]), stored)).toEqual([
      { before: task, after: { ...task, projectId: 'p' } },
    ]);
  });

  test('makes no row of one that is there no more', () => {
    const patches = new Map([
      ['t1', { projectId: 'p' }],
      ['t2', { projectId: 'p' }],
    ]);
    expect(patchedRows(patches, stored)).toBeUndefined();
  });
});

describe('a task whose line is gone', () => {
  test('ends as it was last', () => {
    const expected = { before: task, after: { ...task, state: 'live', status: 'done', doneDate: '2026-01-01' } };
    const [done, gone] = endedRows({ status: 'done', doneDate: '2026-01-01' }, { ...task, state: 'missing' }, copyOf);
    expect(done).toEqual({ ...expected, before: { ...task, state: 'missing' } });
    expect(gone).toEqual({ before: expected.after, after: { ...expected.after, state: 'deleted' } });
  });

  test('leaves the line that was taken for it since to another task', () => {
    const writes = endedRows({ status: 'todo', doneDate: null }, task, copyOf);
    expect(writes.map(({ after }) => [after.id, after.state])).toEqual([
      ['t1', 'deleted'],
      ['copy', 'live'],
    ]);
  });

  test('writes nothing when its row is forgotten', () => {
    expect(endedRows({ status: 'todo', doneDate: null }, undefined, copyOf)).toEqual([]);
  });
});
