import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  baseName,
  collisionKey,
  extension,
  folderOf,
  isHiddenPath,
  isNote,
  isVaultError,
  normaliseVaultPath,
  stem,
} from '../src/index.ts';

function codeOf(path: string): string {
  try {
    normaliseVaultPath(path);
    return 'ok';
  } catch (error) {
    return isVaultError(error) ? error.code : 'other';
  }
}

describe('normaliseVaultPath', () => {
  test.each([
    'a.md',
    'a/b c.md',
    'ä/😀.md',
    '...md',
    'a/...',
    'a../b',
    '..a/b',
    'a. ',
    ' a',
    'a.',
    '50%.md',
    '100%25.md',
    'a\\b.md',
    'C#.md',
    'ab:c.md',
    'a/C:.md',
    '%',
    '%%%',
    '%41.md',
    'x'.repeat(255),
    'ä'.repeat(127),
    'a/'.repeat(127).concat('b'),
    'e\u0301.md',
  ])('accepts %j unchanged', (path) => expect(normaliseVaultPath(path)).toBe(path));

  test.each([
    '..',
    '../a',
    'a/../b',
    'a/..',
    '/a',
    '//a',
    '\\a',
    '..\\a',
    'a\\..\\b',
    'a/..\\b',
    'C:',
    'C:\\a',
    'c:/a',
    'c:a',
    'a\0b',
    '..%2f..%2fetc',
    '%2e%2e/a',
    '%2E%2E%2Fa',
    'a/%2e%2e/b',
    '%252e%252e%252fa',
    '%2fetc',
    '%5c..',
    'a%5c..%5cb',
    '%00',
    'a%2500',
    '%43:%5Ca',
    '.%2e/a',
    '%25252525252525252525252525252e%2e/x',
    '..%ZZ%2f../a',
  ])('refuses %j as outside', (path) => expect(codeOf(path)).toBe('path-outside-vault'));

  test.each([
    '',
    'a//b',
    'a/',
    '.',
    './a',
    'a/./b',
    'a\nb',
    'a\tb',
    'a\u007f',
    'a\u0085',
    '\ud800.md',
    'x'.repeat(256),
    'ä'.repeat(128),
    'a/'.repeat(128).concat('b'),
    'a/'.repeat(2500).concat('b'),
    `${'x'.repeat(200)}/`.repeat(21).concat('y'),
  ])('refuses %j as invalid', (path) => expect(codeOf(path)).toBe('path-invalid'));

  test('any text is returned unchanged or refused with a code, and never leads outside', () => {
    const piece = fc.oneof(
      fc.constantFrom('..', '.', '/', '\\', '%2e', '%2f', '%5c', '%25', '%00', 'C:', 'a', ' ', 'ä', '\0', '%'),
      fc.string({ maxLength: 3 }),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 12 }), (pieces) => {
        const path = pieces.join('');
        const code = codeOf(path);
        expect(['ok', 'path-outside-vault', 'path-invalid']).toContain(code);
        if (code !== 'ok') return;
        let decoded = path;
        for (let i = 0; i < 5; i++) {
          expect(decoded.split(/[/\\]/)).not.toContain('..');
          expect(decoded).not.toMatch(/^[/\\]|^[A-Za-z]:/);
          expect(decoded).not.toContain('\0');
          try {
            decoded = decodeURIComponent(decoded);
          } catch {
            return;
          }
        }
      }),
      { numRuns: 5000 },
    );
  });
});

describe('parts of a path', () => {
  test.each<[string, string, string, string, string, boolean]>([
    ['a/b/Note.md', 'Note.md', 'Note', 'md', 'a/b', true],
    ['v1.2.md', 'v1.2.md', 'v1.2', 'md', '', true],
    ['a/img.PNG', 'img.PNG', 'img', 'png', 'a', false],
    ['.hidden', '.hidden', '.hidden', '', '', false],
    ['a.b/c', 'c', 'c', '', 'a.b', false],
    ['X.MD', 'X.MD', 'X', 'md', '', true],
    ['x.markdown', 'x.markdown', 'x', 'markdown', '', true],
  ])('%s', (path, base, stemText, ext, folder, note) => {
    expect([baseName(path), stem(path), extension(path), folderOf(path), isNote(path)]).toEqual([
      base,
      stemText,
      ext,
      folder,
      note,
    ]);
  });

  test.each<[string, boolean]>([
    ['.obsidian/app.json', true],
    ['a/.git/x', true],
    ['a/.b', true],
    ['a.b/c.md', false],
    ['a/b.md', false],
  ])('hidden %s', (path, hidden) => expect(isHiddenPath(path)).toBe(hidden));

  test('collision keys ignore case and normalisation', () => {
    expect(collisionKey('A/Ä.md')).toBe(collisionKey('a/a\u0308.md'));
    expect(collisionKey('ﬁ.md')).not.toBe(collisionKey('fi.md'));
  });
});
