import { describe, expect, test } from 'vitest';
import { conflictName, isConflictName } from '../src/index.ts';

const moment = new Date(Date.UTC(2026, 10, 24, 12, 30, 5));

describe('what lost against another text', () => {
  test.each([
    'Folder/Note (Conflicted copy laptop 202611241230).md',
    'Note (Conflicted copy x 202611241230 2).md',
    'a.b/README (Conflicted copy origin-main 202611241230)',
  ])('is recognised by the name that Obsidian Sync gives: %s', (name) => {
    expect(isConflictName(name)).toBe(true);
  });

  test.each([
    ['Folder/Note.md', 0, 'Folder/Note (conflict 2026-11-24 123005).md'],
    ['Note.md', 2, 'Note (conflict 2026-11-24 123005 3).md'],
    ['a.b/README', 0, 'a.b/README (conflict 2026-11-24 123005)'],
  ])('is named by the moment when %s was written twice', (path, attempt, name) => {
    expect(conflictName(path, moment, attempt)).toBe(name);
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
