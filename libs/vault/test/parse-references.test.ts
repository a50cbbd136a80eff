import { describe, expect, test } from 'vitest';
import { createLinkIndex, linkKeys, parseNote, planMove } from '../src/index.ts';

function definitions(text: string): string[] {
  return parseNote(text).links.map(({ target, subpath, line }) => `${line} ${target}${subpath}`);
}

describe('a link reference definition is a link', () => {
  test.each<[string, string[]]>([
    ['[t][k]\n\n[k]: note.md', ['3 note.md']],
    ['[k]: note.md\n', ['1 note.md']],
    ['[k]: <a note.md>', ['1 a note.md']],
    ['[k]: a%20note.md#Heading%20two', ['1 a note.md#Heading two']],
    ['[k]: note.md "a title"', ['1 note.md']],
    ["[k]: note.md 'a title'", ['1 note.md']],
    ['[k]: note.md (a title)', ['1 note.md']],
    ['[k]:\nnote.md', ['1 note.md']],
    ['[k]: note.md\n"a title"', ['1 note.md']],
    ['[k]:\n  note.md\n  "a\n  title"\n[l]: b.md', ['1 note.md', '5 b.md']],
    ['[k]: note.md\n"no title" at all', ['1 note.md']],
    ['[k]: note.md\n[l]: other.md\ntext [[m]]', ['1 note.md', '2 other.md', '3 m']],
    ['   [k]: note.md', ['1 note.md']],
    ['[k]:note.md', ['1 note.md']],
    ['[k]: note.md"title"', ['1 note.md"title"']],
    ['> [k]: note.md\n> [l]: other.md', ['1 note.md', '2 other.md']],
    ['> [k]:\n> note.md', ['1 note.md']],
    ['- [k]: note.md\n- text\n\n  [l]: other.md', ['1 note.md', '4 other.md']],
    ['# A\n[k]: note.md\n# B', ['2 note.md']],
    ['[k]: note.md\n===\n', ['1 note.md']],
    ['[k]: https://example.org', ['1 https://example.org']],
    ['[K]: one.md\n[k]: two.md\n[ k ]: three.md', ['1 one.md']],
    ['[k \\] l]: note.md', ['1 note.md']],
    ['[k]: a\\ b.md', []],
    ['[k]: note.md\r\n[l]: other.md\r\n', ['1 note.md', '2 other.md']],
    ['![i][k]\n\n[k]: picture.png', ['3 picture.png']],
  ])('%j', (text, expected) => expect(definitions(text)).toEqual(expected));

  test.each([
    '[^1]: note.md',
    'text\n[k]: note.md',
    '[k]: note.md trailing',
    '[k]: note.md "open',
    '[]: note.md',
    '[ ]: note.md',
    '[k]:',
    '[k]: <>',
    '[k] : note.md',
    '[k [l]]: note.md',
    '    [k]: note.md',
    '```\n[k]: note.md\n```',
    '<div>\n[k]: note.md\n</div>',
    '`[k]: note.md`',
    '- [ ] [k]: note.md',
    '\\[k]: note.md',
    '%%\n[k]: note.md\n%%',
  ])('but not in %j', (text) => expect(definitions(text)).toEqual([]));
});

function moved(text: string, moves: Record<string, string>, path = 'Note.md'): string {
  const files = ['Note.md', 'a/Note.md', 'Target.md', 'a/Target.md', 'a/b/Deep.md', 'a/picture 1.png'];
  const index = createLinkIndex(files);
  return planMove({ moves: new Map(Object.entries(moves)), index, files: [{ path, text }] }).changed.get(path) ?? text;
}

describe('a move rewrites the destination of a definition and nothing else', () => {
  test.each<[string, Record<string, string>, string, string?]>([
    ['[k]: a/Target.md', { 'a/Target.md': 'b/New.md' }, '[k]: b/New.md'],
    ['[k]: a/b/Deep.md "t"\n[[x]]', { 'a/b/Deep.md': 'c/Deep.md' }, '[k]: c/Deep.md "t"\n[[x]]'],
    ['[k]: <a/picture 1.png>  (t)', { 'a/picture 1.png': 'b/new 2.png' }, '[k]: <b/new 2.png>  (t)'],
    ['[k]: a/picture%201.png', { 'a/picture 1.png': 'b/new 2.png' }, '[k]: b/new%202.png'],
    ['> [k]:\n>   a/b/Deep.md#H\n>   "t"', { 'a/b/Deep.md': 'Up.md' }, '> [k]:\n>   Up.md#H\n>   "t"'],
    ['[k]: ./b/Deep.md', { 'a/Note.md': 'Moved.md' }, '[k]: ./a/b/Deep.md', 'a/Note.md'],
    ['[k]: ../Target.md', { 'a/Note.md': 'x/y/Note.md' }, '[k]: ../../Target.md', 'a/Note.md'],
    ['[k]: missing.md', { 'a/Note.md': 'x/y/Note.md' }, '[k]: missing.md', 'a/Note.md'],
  ])('%j %j', (text, moves, expected, path) => expect(moved(text, moves, path)).toBe(expected));
});

test('the keys of definitions are among those of a note', () => {
  const text = '[a]: One.md\n[b]: <Two 2.md>\n\n> [c]:\n> x/Three.md#H\n\n[d]: https://example.org/Four.md\n';
  expect(linkKeys('a.md', text).sort()).toEqual(['one', 'three', 'two 2']);
});
