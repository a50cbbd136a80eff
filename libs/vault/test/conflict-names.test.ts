import { describe, expect, test } from 'vitest';
import { editConflictName, isConflictName, syncConflictName } from '../src/index.ts';

const moment = new Date(Date.UTC(2026, 10, 24, 12, 30, 5));

describe('what lost against another text', () => {
  test.each([
    ['Folder/Note.md', 'laptop', 0, 'Folder/Note (Conflicted copy laptop 202611241230).md'],
    ['Note.md', 'x', 1, 'Note (Conflicted copy x 202611241230 2).md'],
    ['a.b/README', 'origin/main', 0, 'a.b/README (Conflicted copy origin-main 202611241230)'],
  ])('is named as Obsidian Sync names it when %s was synchronised', (path, from, attempt, name) => {
    expect(syncConflictName(path, from, moment, attempt)).toBe(name);
    expect(isConflictName(name)).toBe(true);
  });

  test.each([
    ['Folder/Note.md', 0, 'Folder/Note (conflict 2026-11-24 123005).md'],
    ['Note.md', 2, 'Note (conflict 2026-11-24 123005 3).md'],
    ['a.b/README', 0, 'a.b/README (conflict 2026-11-24 123005)'],
  ])('is named by the moment when %s was written twice', (path, attempt, name) => {
    expect(editConflictName(path, moment, attempt)).toBe(name);
    expect(isConflictName(name)).toBe(true);
  });

  test.each([
    'Note.md',
    'Folder (conflict 2026-11-24 123005)/Note.md',
    'How to settle a (conflict).md',
    'A (conflict 2026-11-24).md',
  ])('is told from %s', (path) => {
    expect(isConflictName(path)).toBe(false);
  });
});
