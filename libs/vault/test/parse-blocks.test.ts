import { describe, expect, test } from 'vitest';
import { parseNote } from '../src/index.ts';

function targets(text: string): string[] {
  return parseNote(text).links.map((link) => link.target + link.subpath);
}

function headings(text: string): string[] {
  return parseNote(text).headings.map((heading) => `${heading.level} ${heading.text}`);
}

describe('frontmatter block', () => {
  test.each([
    ['---\na: 1\n---\nx', 'a: 1\n', 13],
    ['---\r\na: 1\r\n---\r\nx', 'a: 1\r\n', 16],
    ['---\n---\n', '', 8],
    ['---\n---', '', 7],
    ['---  \na: 1\n--- \t\nx', 'a: 1\n', 17],
    ['---\na: |\n  ----\n----\n---\n', 'a: |\n  ----\n----\n', 25],
    ['\ufeff---\na: 1\n---\nx', 'a: 1\n', 14],
  ])('%j', (text, raw, bodyStart) => {
    const parsed = parseNote(text);
    expect(parsed.frontmatter?.raw).toBe(raw);
    expect(parsed.bodyStart).toBe(bodyStart);
    const block = parsed.frontmatter;
    expect(text.slice(block?.contentStart, block?.contentEnd)).toBe(raw);
    expect(text.slice(block?.start).startsWith('---')).toBe(true);
  });

  test.each(['\n---\na: 1\n---\n', '---\na: 1\n', '----\na\n----\n', '--- a\n---\n', ' ---\na: 1\n---\n', '', '-'])(
    'none in %j',
    (text) => expect(parseNote(text).frontmatter).toBeNull(),
  );
});

describe('headings', () => {
  test.each<[string, string[]]>([
    ['# A\n## B ##\n###### F\n####### G', ['1 A', '2 B', '6 F']],
    ['#A\n#\tB\n# \n#', ['1 B', '1 ', '1 ']],
    ['   # A\n    # B', ['1 A']],
    ['# A #b#\n# C \\#\n## D ### \n# ###', ['1 A #b#', '1 C \\#', '2 D', '1 ']],
    ['A\n===\nB\nC\n---\n', ['1 A', '2 B C']],
    ['A\n=\n\n===\n---\n', ['1 A', '2 ===']],
    ['\n---\n\nA\n\n---\n', []],
    ['text\n# A\ntext', ['1 A']],
    ['> # quoted\n\n- # listed\n\n# A', ['1 A']],
    ['- item\n# A', ['1 A']],
    ['- a\n---\n', []],
    ['```\n# A\n```\n# B', ['1 B']],
    ['~~~ x\n# A\n```\n~~~~\n# B', ['1 B']],
    ['````\n```\n# A\n````\n# B', ['1 B']],
    ['``` a`b\n# A\n', ['1 A']],
    ['> ```\n> # A\n\n# B', ['1 B']],
    ['> ```\n# B', ['1 B']],
    ['- ```\n  # A\n  ```\n\n# B', ['1 B']],
    ['- ```\n\n  # A\n# B', ['1 B']],
    ['%%\n# A\n%%\n# B', ['1 B']],
    ['<!--\n# A\n\n# C\n-->\n# B', ['1 B']],
    ['$$\n# A\n$$\n# B', ['1 B']],
    ['%%\n# A', []],
    ['# A **b** [[c|d]]', ['1 A **b** [[c|d]]']],
    ['# A\r\n\r\nB\r\n---\r\n', ['1 A', '2 B']],
    ['\ufeff# A', ['1 A']],
  ])('%j', (text, expected) => expect(headings(text)).toEqual(expected));

  test('ranges and lines', () => {
    const text = 'x\n\n# A\ny\nB\n---\n';
    expect(parseNote(text).headings).toEqual([
      { level: 1, text: 'A', start: 3, end: 6, line: 3 },
      { level: 2, text: 'y B', start: 7, end: 14, line: 4 },
    ]);
  });
});

describe('code and comments hide links', () => {
  test.each<[string, string[]]>([
    ['    [[code]]', []],
    ['\t[[code]]', []],
    ['  \t[[code]]', []],
    ['text\n    [[lazy]]', ['lazy']],
    ['text\n\n    [[code]]', []],
    ['# h\n    [[code]]', []],
    ['- a\n\n    [[in list]]', ['in list']],
    ['- a\n\n      [[code]]', []],
    ['1. a\n\n   [[b]]\n\n       [[code]]', ['b']],
    ['-     [[code]]\n- [[b]]', ['b']],
    ['- a\n  - b\n    - [[c]]\n      - [[d]]', ['c', 'd']],
    ['- a\n\t- b\n\t\t- [[c]]', ['c']],
    ['- a\n\t\t- [[c]]', ['c']],
    ['> [[a]]\n> > [[b]]\n[[lazy]]', ['a', 'b', 'lazy']],
    ['>     [[code]]', []],
    ['> text\n\n    [[code]]', []],
    ['```\n[[a]]', []],
    ['```\n[[a]]\n```\n[[b]]', ['b']],
    ['   ```\n[[a]]\n   ```\n[[b]]', ['b']],
    ['```\n[[a]]\n    ```\n[[b]]', []],
    ['`[[a]]` [[b]]', ['b']],
    ['``[[a]] ` [[b]]`` [[c]]', ['c']],
    ['` [[a]]', ['a']],
    ['`a\n[[b]]` [[c]]', ['c']],
    ['`a\n\n[[b]]` [[c]]', ['b', 'c']],
    ['\\`[[a]]`', ['a']],
    ['%%[[a]]%% [[b]]', ['b']],
    ['x %% [[a]]\n[[b]] %% [[c]]', ['c']],
    ['x %% [[a]]\n\n[[b]]', ['a', 'b']],
    ['%%\n\n[[a]]\n\n```\n%% [[b]]', ['b']],
    ['%% [[a]]\n\n[[b]]', []],
    ['100% [[a]] 5%', ['a']],
    ['$[[a]]$ [[b]]', ['b']],
    ['$ [[a]] $ [[b]]', ['a', 'b']],
    ['$5 [[a]] and 6$7 [[b]]', ['a', 'b']],
    ['costs $5 [[a]] and $6', ['a']],
    ['\\$[[a]]$', ['a']],
    ['$x \\$ [[a]]$ [[b]]', ['b']],
    ['$x\n[[a]]$', ['a']],
    ['$$\n[[a]]\n\n[[b]]\n$$\n[[c]]', ['c']],
    ['$$ [[a]] $$ [[b]]', ['b']],
    ['$$ [[a]]', ['a']],
    ['<!-- [[a]] --> [[b]]', ['b']],
    ['x <!-- [[a]]\n[[b]] --> [[c]]', ['c']],
    ['x <!-- [[a]]\n\n[[b]]', ['a', 'b']],
    ['<!-- [[a]]\n\n[[b]]', []],
    ['<!--> [[a]]', ['a']],
    ['<a title="[[a]]"> [[b]] </a>', ['b']],
    ['a <b [[c]] > d', ['c']],
    ['a < b [[c]]', ['c']],
  ])('%j', (text, expected) => expect(targets(text)).toEqual(expected));
});

describe('tasks', () => {
  test.each<[string, string[]]>([
    ['- [ ] a', ['0 - " " a']],
    ['* [x] a\n+ [X] b', ['0 * "x" a', '0 + "X" b']],
    ['1. [ ] a\n2) [-] b', ['0 1. " " a', '0 2) "-" b']],
    ['- [ ] a\n  - [/] b\n\t- [>] c', ['0 - " " a', '2 - "/" b', '4 - ">" c']],
    ['> [!todo] T\n> - [ ] a\n> \t- [x] b', ['0 - " " a', '2 - "x" b']],
    ['> > - [ ] a', ['0 - " " a']],
    ['- [ ]a\n- [] b\n- [xx] c\n-[ ] d\n- x [ ] e', []],
    ['- [ ]\n- [ ] ', ['0 - " " ', '0 - " " ']],
    ['- - [ ] a', ['2 - " " a']],
    ['```\n- [ ] a\n```', []],
    ['- [ ] a  \r\n- [x] b\r\n', ['0 - " " a', '0 - "x" b']],
    ['- [✅] a\n- [😀] b', ['0 - "✅" a', '0 - "😀" b']],
    ['    - [ ] a', []],
    ['text\n- [ ] a', ['0 - " " a']],
  ])('%j', (text, expected) => {
    const { tasks } = parseNote(text);
    expect(tasks.map((t) => `${t.indent} ${t.marker} "${t.status}" ${t.text}`)).toEqual(expected);
    for (const task of tasks) {
      expect(text.startsWith(task.status, task.statusStart)).toBe(true);
      expect(text.startsWith(task.text, task.textStart)).toBe(true);
      expect(text.slice(task.start, task.end)).not.toMatch(/[\r\n]/);
    }
  });
});

describe('block ids', () => {
  test.each<[string, string[]]>([
    ['a ^x', ['x: a']],
    ['a\nb ^x-1  ', ['x-1: a\nb']],
    ['a ^x\nb', []],
    ['a^x', []],
    ['^x', ['x: ']],
    ['a ^x y', []],
    ['a ^x_y', []],
    ['- a ^x\n- b ^y', ['x: a', 'y: b']],
    ['- [ ] a ^x', ['x: a']],
    ['> a\n> b ^x', ['x: a\n> b']],
    ['> a\n\n^x', ['x: > a']],
    ['- a\n- b\n\n^x', ['x: - a\n- b']],
    ['| a |\n|---|\n| b |\n^x', ['x: | a |\n|---|\n| b |']],
    ['```\ncode\n```\n^x\n\ny', ['x: ```\ncode\n```']],
    ['# A\n^x', ['x: # A']],
    ['# A ^x', ['x: A']],
    ['# A\n\npara\n\n^x', ['x: para']],
    ['`a ^x`', []],
    ['$a ^x$', []],
  ])('%j', (text, expected) => {
    const { blocks } = parseNote(text);
    expect(blocks.map((b) => `${b.id}: ${text.slice(b.blockStart, b.blockEnd)}`)).toEqual(expected);
    for (const block of blocks) expect(text.slice(block.start, block.end)).toBe(`^${block.id}`);
  });
});
