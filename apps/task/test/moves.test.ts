import { expect, test } from 'vitest';
import { blankTask } from '../src/domain/change/task-change.ts';
import type { FoundTask } from '../src/domain/notes/found-task.ts';
import { moveBetweenNotes } from '../src/domain/notes/moves.ts';
import { noContent, type StoredTask } from '../src/domain/stored-task.ts';
import type { TaskStore } from '../src/store/tasks.ts';

const COUNT = 20_000;
const now = Date.parse('2026-11-30T12:00:00Z');
let reads = 0;

/** A task in a note whose parts are counted when they are read. */
function stored(index: number, path: string, state: StoredTask['state'] = 'live'): StoredTask {
  const source = { path, line: index, heading: null, raw: '[ ] same', textKey: 'same' };
  const task = { ...blankTask(`${path}-${index}`, now - index), ...noContent, state };
  function get() {
    reads++;
    return source;
  }
  return Object.defineProperty(task, 'source', { enumerable: true, get });
}

const tasks = (count: number, path: string, state?: StoredTask['state']) =>
  Array.from({ length: count }, (_, index) => stored(index, path, state));

function found(count: number): FoundTask[] {
  const one = { path: 'B.md', raw: '[ ] same', textKey: 'same', title: 'same', externalId: null, fullKey: 'same' };
  return Array.from({ length: count }, (_, line) => ({ ...one, line }) as FoundTask);
}

function storeOf(absent: StoredTask[], young: StoredTask[]) {
  return { absent: async () => absent, young: async () => young } as unknown as TaskStore;
}

const sql = {} as Parameters<typeof moveBetweenNotes>[0];

test.each([
  ['written and then deleted', { lost: COUNT, added: 0, absent: 0, young: 0 }],
  ['moved to another note', { lost: COUNT, added: COUNT, absent: 0, young: 0 }],
  ['brought back', { lost: 0, added: COUNT, absent: COUNT, young: 0 }],
  ['brought back in part', { lost: COUNT / 2, added: COUNT, absent: COUNT / 2, young: 0 }],
  ['copied and then cut', { lost: COUNT, added: 0, absent: 0, young: COUNT }],
])('equal lines that are %s cost no more than their number', async (_, { lost, added, absent, young }) => {
  reads = 0;
  const unmatched = { pairs: [], lost: tasks(lost, 'A.md'), added: found(added) };
  const store = storeOf(tasks(absent, 'A.md', 'missing'), tasks(young, 'C.md'));
  const result = await moveBetweenNotes(sql, store, unmatched, now);
  expect(result.pairs.length).toBe(Math.min(added, lost + absent));
  expect(result.pairs.length + result.missing.length + result.copied.length).toBe(
    Math.max(lost, Math.min(added, lost + absent)),
  );
  expect(reads).toBeLessThan(20 * COUNT);
});
