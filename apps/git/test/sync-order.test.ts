import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { IndexChange } from '../src/domain/commit/private-index.ts';
import { divideByPrecedence } from '../src/domain/sync/order.ts';

const entry = (path: string) => ({ path, mode: '100644', blob: 'a'.repeat(40) });
const removed = (path: string): IndexChange => ({ path, before: entry(path), after: null });
const added = (path: string): IndexChange => ({ path, before: null, after: entry(path) });
const pathsOf = (changes: readonly IndexChange[]) => changes.map(({ path }) => path);

describe('the order in which a synchronisation brings changes', () => {
  test.each([
    ['a name that differs in case', 'Note.md', 'note.md'],
    ['a name that differs in normalisation', 'Caf\u00e9.md', 'Cafe\u0301.md'],
    ['a folder whose name differs in case', 'A/b.md', 'a/b.md'],
    ['a file that becomes a folder', 'a', 'a/b/c.md'],
    ['a folder that becomes a file', 'a/b/c.md', 'a'],
  ])('removes first what makes room for %s', (_, before, after) => {
    const { first, rest } = divideByPrecedence([added(after), removed('other.md'), removed(before)]);
    expect([pathsOf(first), pathsOf(rest)]).toEqual([[before], [after, 'other.md']]);
  });

  test('takes every change once, and only removals first', () => {
    const path = fc
      .array(fc.constantFrom('a', 'A', 'b', 'c.md'), { minLength: 1, maxLength: 3 })
      .map((parts) => parts.join('/'));
    fc.assert(
      fc.property(fc.uniqueArray(path), fc.infiniteStream(fc.boolean()), (paths, isAdded) => {
        const changes = paths.map((each) => (isAdded.next().value ? added(each) : removed(each)));
        const { first, rest } = divideByPrecedence(changes);
        expect(pathsOf([...first, ...rest]).sort()).toEqual([...paths].sort());
        expect(first.every(({ after }) => after === null)).toBe(true);
      }),
    );
  });
});
