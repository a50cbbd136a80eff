import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { keyMatches } from '../src/index.ts';

/** The pattern as a regular expression over the key with a dot after each of its words. */
function asRegExp(pattern: string): RegExp {
  const words = pattern.split('.').map((word) => {
    if (word === '#') return '(?:[^.]+\\.)*';
    return word === '*' ? '[^.]+\\.' : `${word}\\.`;
  });
  return new RegExp(`^${words.join('')}$`);
}

describe('a binding pattern', () => {
  test.each([
    ['task.created', 'task.created', true],
    ['task.created', 'task.updated', false],
    ['task.created', 'task', false],
    ['task', 'task.created', false],
    ['task.*', 'task.created', true],
    ['task.*', 'task', false],
    ['task.*', 'task.created.twice', false],
    ['*', 'task', true],
    ['*.*', 'task.created', true],
    ['vault.file.*', 'vault.file.moved', true],
    ['vault.file.*', 'vault.file', false],
    ['vault.*.moved', 'vault.file.moved', true],
    ['#', 'task', true],
    ['#', 'vault.file.moved', true],
    ['vault.#', 'vault', true],
    ['vault.#', 'vault.file.moved', true],
    ['#.moved', 'moved', true],
    ['#.moved', 'vault.file.moved', true],
    ['#.file.#', 'vault.file.moved', true],
    ['#.file.#', 'vault.note.moved', false],
    ['#.*', 'task', true],
    ['*.#.moved', 'moved', false],
    ['#.#', 'task.created', true],
    ['vault.#.file.*', 'vault.file.file.moved', true],
  ])('%s and the key %s: %s', (pattern, key, fits) => {
    expect(keyMatches(pattern, key)).toBe(fits);
  });

  test('means what its regular expression means', () => {
    const pattern = fc.array(fc.constantFrom('a', 'b', '*', '#'), { minLength: 1, maxLength: 6 });
    const key = fc.array(fc.constantFrom('a', 'b', 'c'), { minLength: 1, maxLength: 6 });
    fc.assert(
      fc.property(pattern, key, (words, parts) => {
        const [text, name] = [words.join('.'), parts.join('.')];
        return keyMatches(text, name) === asRegExp(text).test(`${name}.`);
      }),
      { numRuns: 2_000 },
    );
  });

  test('of a thousand # is answered with few steps', () => {
    const pattern = `${'#.'.repeat(1_000)}nothing`;
    expect(keyMatches(pattern, Array.from({ length: 200 }, () => 'word').join('.'))).toBe(false);
  });
});
