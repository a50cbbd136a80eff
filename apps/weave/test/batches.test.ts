import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { startSystem, type TestSystem } from '@weave-nn/testing';
import fc from 'fast-check';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';

type Operation =
  | { op: 'put'; path: string; content: string }
  | { op: 'delete'; path: string; permanent?: boolean }
  | { op: 'move'; from: string; to: string };

let system: TestSystem;
/** A folder of its own for every test, so that none sees the files of another. */
let folder = '';
let folders = 0;

beforeAll(async () => {
  system = await startSystem({ definitions: services });
});
afterAll(() => system.stop());
beforeEach(() => {
  folder = `Batch ${++folders}`;
});

/** What is in the test's folder, hidden files included, by path below it. */
function onDisk(): Record<string, string> {
  const root = join(system.vault, folder);
  const entries = readdirSync(root, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const files = entries.map((entry) => {
    const path = join(entry.parentPath, entry.name);
    return [path.slice(root.length + 1), readFileSync(path, 'utf8')] as const;
  });
  // Second names of replaced files are there for a second more.
  return Object.fromEntries(files.filter(([path]) => !path.includes('.weave-tmp-')).sort());
}

const below = (path: string) => `${folder}/${path}`;

function inFolder(operation: Operation): Operation {
  return operation.op === 'move'
    ? { ...operation, from: below(operation.from), to: below(operation.to) }
    : { ...operation, path: below(operation.path) };
}

function send(operations: readonly Operation[], query = '') {
  return system.post(`/v1/files:batch${query}`, { operations: operations.map(inFolder) });
}

async function put(files: Readonly<Record<string, string>>) {
  const operations = Object.entries(files).map(([path, content]) => ({ op: 'put' as const, path, content }));
  const answer = await send(operations);
  expect(answer.status, answer.text).toBe(200);
}

/** The paths and kinds of a list of changes, as far as a dry run and an answer share them. */
function kinds(changes: readonly { path: string; change: string; from?: string }[]) {
  return changes.map(({ path, change, from }) => `${change} ${from ?? ''} ${path}`).sort();
}

const move = (from: string, to: string): Operation => ({ op: 'move', from, to });
const remove = (path: string): Operation => ({ op: 'delete', path });
const write = (path: string, content: string): Operation => ({ op: 'put', path, content });

const one = { '01.md': 'one\n' };
const two = { ...one, '02.md': 'two\n' };
const three = { ...two, '03.md': 'three\n' };

const cases: [string, Record<string, string>, Operation[], Record<string, string>][] = [
  [
    'a renumbering upwards',
    two,
    [move('02.md', '03.md'), move('01.md', '02.md')],
    { '02.md': 'one\n', '03.md': 'two\n' },
  ],
  [
    'a renumbering downwards',
    { '02.md': 'two\n', '03.md': 'three\n' },
    [move('02.md', '01.md'), move('03.md', '02.md')],
    { '01.md': 'two\n', '02.md': 'three\n' },
  ],
  [
    'a swap through a temporary name',
    two,
    [move('01.md', 'x.md'), move('02.md', '01.md'), move('x.md', '02.md')],
    { '01.md': 'two\n', '02.md': 'one\n' },
  ],
  [
    'a rotation',
    three,
    [move('03.md', 'x.md'), move('02.md', '03.md'), move('01.md', '02.md'), move('x.md', '01.md')],
    { '01.md': 'three\n', '02.md': 'one\n', '03.md': 'two\n' },
  ],
  [
    'two chains at once',
    { ...three, 'a.md': 'a\n' },
    [move('a.md', 'b.md'), move('03.md', 'a.md'), move('02.md', '03.md'), move('01.md', '02.md')],
    { '02.md': 'one\n', '03.md': 'two\n', 'a.md': 'three\n', 'b.md': 'a\n' },
  ],
  ['delete, then move', two, [remove('02.md'), move('01.md', '02.md')], { '02.md': 'one\n' }],
  [
    'move, delete, move',
    three,
    [move('02.md', 'x.md'), remove('03.md'), move('01.md', '03.md'), move('x.md', '01.md')],
    { '01.md': 'two\n', '03.md': 'one\n' },
  ],
  ['move, then delete what was moved', two, [move('01.md', 'x.md'), remove('x.md')], { '02.md': 'two\n' }],
  [
    'move away, then write anew, then delete what was moved',
    one,
    [move('01.md', 'x.md'), write('01.md', 'new\n'), remove('x.md')],
    { '01.md': 'new\n' },
  ],
  [
    'move away, then write anew',
    one,
    [move('01.md', '02.md'), write('01.md', 'new\n')],
    { '01.md': 'new\n', '02.md': 'one\n' },
  ],
  ['delete, then write anew', one, [remove('01.md'), write('01.md', 'new\n')], { '01.md': 'new\n' }],
  ['there and back', one, [move('01.md', 'x.md'), move('x.md', '01.md')], one],
  [
    'there, changed, and back',
    one,
    [move('01.md', 'x.md'), write('x.md', 'new\n'), move('x.md', '01.md')],
    { '01.md': 'new\n' },
  ],
  [
    'a swap with a new text',
    two,
    [move('01.md', 'x.md'), move('02.md', '01.md'), move('x.md', '02.md'), write('01.md', 'new\n')],
    { '01.md': 'new\n', '02.md': 'one\n' },
  ],
  [
    'equal contents',
    { '01.md': 'same\n', '02.md': 'same\n' },
    [move('02.md', '03.md'), move('01.md', '02.md')],
    { '02.md': 'same\n', '03.md': 'same\n' },
  ],
  [
    'a move into a folder made before',
    two,
    [write('New/index.md', 'index\n'), move('02.md', 'New/02.md'), move('01.md', '02.md')],
    { '02.md': 'one\n', 'New/02.md': 'two\n', 'New/index.md': 'index\n' },
  ],
  [
    'a move of a folder made before',
    one,
    [move('01.md', 'New/01.md'), write('New/index.md', 'index\n'), move('New', 'Other')],
    { 'Other/01.md': 'one\n', 'Other/index.md': 'index\n' },
  ],
  [
    'folders that change places',
    { 'A/x.md': 'in A\n', 'B/x.md': 'in B\n' },
    [move('A', 'C'), move('B', 'A'), move('C', 'B')],
    { 'A/x.md': 'in B\n', 'B/x.md': 'in A\n' },
  ],
  [
    'names that differ only in case change places',
    { 'a.md': 'a\n', 'b.md': 'b\n' },
    [move('a.md', 'c.md'), move('b.md', 'A.md')],
    { 'A.md': 'b\n', 'c.md': 'a\n' },
  ],
  [
    'links follow',
    { ...two, 'index.md': 'First [[01]], then [two](02.md).\n' },
    [move('02.md', '03.md'), move('01.md', '02.md')],
    { '02.md': 'one\n', '03.md': 'two\n', 'index.md': 'First [[02]], then [two](03.md).\n' },
  ],
  [
    'links between notes that change places',
    { '01.md': 'I am one, see [[02]].\n', '02.md': 'I am two, see [[01]].\n' },
    [move('01.md', 'x.md'), move('02.md', '01.md'), move('x.md', '02.md')],
    { '01.md': 'I am two, see [[02]].\n', '02.md': 'I am one, see [[01]].\n' },
  ],
];

describe('a batch that uses a path again', () => {
  test.each(cases)('%s', async (_, before, operations, after) => {
    await put(before);
    const preview = await send(operations, '?dryRun=true');
    expect(preview.status, preview.text).toBe(200);
    const answer = await send(operations);
    expect(answer.status, answer.text).toBe(200);
    expect(onDisk()).toEqual(Object.fromEntries(Object.entries(after).sort()));
    expect(kinds(answer.json.changed)).toEqual(kinds(preview.json.changes));
    for (const [path, text] of Object.entries(after)) {
      const read = await system.call(`/v1/files/${encodeURI(below(path))}`);
      expect(read.text).toBe(text);
      const changed = answer.json.changed.find((each: { path: string }) => each.path === below(path));
      if (changed) expect(read.headers.get('etag')).toBe(changed.etag);
    }
  });

  test('keeps in the trash what was deleted to make room', async () => {
    await put(two);
    expect((await send([remove('02.md'), move('01.md', '02.md')])).status).toBe(200);
    expect(readFileSync(join(system.vault, '.trash', below('02.md')), 'utf8')).toBe('two\n');
    expect((await send([{ op: 'delete', path: '02.md', permanent: true }, write('02.md', 'new\n')])).status).toBe(200);
    expect(onDisk()).toEqual({ '02.md': 'new\n' });
  });

  test('leaves index, event log and tasks in agreement with the folder', async () => {
    await put({ '01.md': '- [ ] buy onions\n', '02.md': '- [ ] buy tomatoes\n', '03.md': 'three\n' });
    await system.settled();
    const tasksOf = async (path: string) =>
      (await system.call(`/v1/tasks?path=${encodeURIComponent(below(path))}`)).json.items.map(
        ({ id, title }: { id: string; title: string }) => ({ id, title }),
      );
    const [onions, tomatoes] = [await tasksOf('01.md'), await tasksOf('02.md')];
    const swap = [move('01.md', 'x.md'), move('02.md', '01.md'), move('x.md', '02.md'), remove('03.md')];
    expect((await send(swap)).status).toBe(200);
    await system.settled();
    expect(await tasksOf('01.md')).toEqual(tomatoes);
    expect(await tasksOf('02.md')).toEqual(onions);
    expect(await system.search(`onions path:"${folder}"`)).toEqual([below('02.md')]);
    const check = (await system.call('/v1/system/check')).json.checks;
    expect(check.flatMap(({ disagreements }: { disagreements: unknown[] }) => disagreements)).toEqual([]);
  });
});

const names = ['a.md', 'b.md', 'c.md', 'D/d.md', 'D/e.md'];
const name = fc.constantFrom(...names);
const anyOperation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({ op: fc.constant('put' as const), path: name, content: fc.stringMatching(/^[a-z]{1,5}$/) }),
  fc.record({ op: fc.constant('delete' as const), path: name, permanent: fc.boolean() }),
  fc.record({ op: fc.constant('move' as const), from: name, to: name }),
);

/** What operations leave of some files; null when one of them is refused. */
function model(files: ReadonlyMap<string, string>, operations: readonly Operation[]): Map<string, string> | null {
  const left = new Map(files);
  for (const operation of operations) {
    if (operation.op === 'put') left.set(operation.path, operation.content);
    else if (operation.op === 'delete') {
      if (!left.delete(operation.path)) return null;
    } else {
      const content = left.get(operation.from);
      if (content === undefined || left.has(operation.to)) return null;
      left.delete(operation.from);
      left.set(operation.to, content);
    }
  }
  return left;
}

test('any operations leave what they leave one after another, or nothing at all', async () => {
  const before = fc.dictionary(name, fc.stringMatching(/^[a-z]{1,5}$/), { minKeys: 2, noNullPrototype: true });
  const operations = fc.array(anyOperation, { minLength: 1, maxLength: 7 });
  await fc.assert(
    fc.asyncProperty(before, operations, async (files, asked) => {
      folder = `Any ${++folders}`;
      await put(files);
      const wanted = model(new Map(Object.entries(files)), asked);
      const answer = await send(asked);
      expect(answer.status === 200, answer.text).toBe(wanted !== null);
      expect(answer.status, answer.text).toBeLessThan(500);
      const left = [...(wanted ?? new Map(Object.entries(files)))].sort();
      expect(Object.entries(onDisk())).toEqual(left);
      const { json } = await system.call(`/v1/files?folder=${encodeURIComponent(folder)}`);
      expect(json.items.map(({ path }: { path: string }) => path)).toEqual(left.map(([path]) => below(path)));
    }),
    { numRuns: 60 },
  );
});
