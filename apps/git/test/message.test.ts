import { describe, expect, test } from 'vitest';
import { authorOf } from '../src/domain/commit/author.ts';
import { asOneGroup, groupByActor, withGroup } from '../src/domain/commit/groups.ts';
import { type CommittedFile, eventTrailers, messageOf, subjectOf } from '../src/domain/commit/message.ts';
import type { PendingChange } from '../src/store/pending.ts';

const added = (path: string): CommittedFile => ({ path, from: null, change: 'added' });
const modified = (path: string): CommittedFile => ({ path, from: null, change: 'modified' });
const deleted = (path: string): CommittedFile => ({ path, from: null, change: 'deleted' });
const renamed = (from: string, path: string): CommittedFile => ({ path, from, change: 'renamed' });
const LONG = `${'Folder/'.repeat(20)}Note.md`;

describe('the subject of a commit', () => {
  test.each<[CommittedFile[], string]>([
    [[added('A.md')], 'Add A.md'],
    [[added('A.md'), added('B.md'), modified('Projects/Weave.md')], 'Add 2 notes, update Projects/Weave.md'],
    [[deleted('Old.md')], 'Delete Old.md'],
    [[renamed('A.md', 'B/A.md')], 'Move A.md to B/A.md'],
    [[renamed('A.md', 'B/A.md'), renamed('C.md', 'B/C.md'), modified('D.md')], 'Update D.md, move 2 notes'],
    [[added('a.png'), added('B.md')], 'Add 2 files'],
    [[added(LONG)], 'Add 1 note'],
    [[added('a.png'), deleted(LONG)], 'Add 1 file, delete 1 note'],
  ])('of %o is %s', (files, subject) => {
    expect(subjectOf(files)).toBe(subject);
  });
});

test('a message names each event, and of many the first, the last and their number', () => {
  expect(messageOf('Add A.md', eventTrailers(['1', '2']))).toBe('Add A.md\n\nWeave-Event: 1\nWeave-Event: 2\n');
  const many = Array.from({ length: 500 }, (_, index) => `e${index}`);
  expect(eventTrailers(many)).toEqual(['Weave-Event: e0', 'Weave-Event: e499', 'Weave-Event-Count: 500']);
  expect(messageOf('  Said  ', [])).toBe('Said\n');
});

test('an author has no sign that ends a line of a commit, and what the watcher saw is its owner’s', () => {
  expect(authorOf('key:a>b\n<c', null)).toEqual({ name: 'key:a b c', email: 'key-a-b-c@weave-nn.invalid' });
  const ana = { name: 'Ana', email: 'ana@example.org' };
  expect(authorOf('watcher', ana)).toEqual(ana);
  expect(authorOf('watcher', null).name).toBe('watcher');
  expect(authorOf('key:1', ana).name).toBe('key:1');
});

describe('changes', () => {
  let position = 0;
  const change = (actor: string, path: string, from: string | null = null): PendingChange => ({
    position: ++position,
    eventId: `e${position}`,
    path,
    from,
    actor,
    receivedAt: 0,
  });

  test('belong to who was last at the file, with the others named, in the order of their last changes', () => {
    const changes = [change('ana', 'A.md'), change('ben', 'B.md'), change('ben', 'A.md'), change('ana', 'C.md')];
    expect(groupByActor(changes).map(({ actor, others, paths }) => ({ actor, others, paths }))).toEqual([
      { actor: 'ben', others: ['ana'], paths: ['A.md', 'B.md'] },
      { actor: 'ana', others: [], paths: ['C.md'] },
    ]);
  });

  test('that no event told of are in the commit of the same actor, which is then the last', () => {
    const groups = groupByActor([change('ana', 'A.md'), change('ben', 'B.md')]);
    const unseen = (actor: string) => ({ actor, others: [], paths: ['C.md'], changes: [] });
    const pathsOf = (actor: string) => withGroup(groups, unseen(actor)).map(({ paths }) => paths);
    expect(pathsOf('ana')).toEqual([['B.md'], ['A.md', 'C.md']]);
    expect(pathsOf('watcher')).toEqual([['A.md'], ['B.md'], ['C.md']]);
  });

  test('of a move concern both paths', () => {
    expect(groupByActor([change('ana', 'New.md', 'Old.md')])[0]?.paths).toEqual(['Old.md', 'New.md']);
    const one = asOneGroup('ana', [change('ben', 'New.md', 'Old.md'), change('ana', 'New.md')]);
    expect(one).toMatchObject({ actor: 'ana', others: ['ben'], paths: ['Old.md', 'New.md'] });
  });

  test.each([
    ['was changed by another after it', [change('ben', 'New.md')], { ben: ['Old.md', 'New.md'], ana: ['B.md'] }],
    [
      'was moved on by another',
      [change('ben', 'Newer.md', 'New.md')],
      { ben: ['Old.md', 'New.md', 'Newer.md'], ana: ['B.md'] },
    ],
    ['left its place to a new one', [change('ben', 'Old.md')], { ana: ['B.md', 'New.md'], ben: ['Old.md'] }],
  ])('of a file that was moved and %s are in one commit', (_what, later, expected) => {
    const changes = [change('ana', 'B.md'), change('ana', 'New.md', 'Old.md'), ...later];
    const groups = groupByActor(changes);
    const pathsOf = groups.map(({ actor, paths }) => [actor, paths.sort()] as const);
    const sorted = Object.entries(expected).map(([actor, paths]) => [actor, [...paths].sort()]);
    expect(pathsOf.sort()).toEqual(sorted.sort());
    expect(groups.flatMap((group) => group.changes)).toHaveLength(changes.length);
    const alone = groupByActor([change('ana', 'New.md', 'Old.md'), ...later]);
    expect(alone.flatMap(({ paths }) => paths)).toEqual(expect.arrayContaining(['Old.md', 'New.md']));
  });
});
