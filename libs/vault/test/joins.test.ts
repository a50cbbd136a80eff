import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { editSection, needsBlankLine, parseNote, type SectionEdit } from '../src/index.ts';
import { markdown } from './markdown-arbitrary.ts';

describe('a blank line between two texts', () => {
  test.each<[string, string]>([
    ['text ^id', 'more'],
    ['text\n^id', 'more'],
    ['> quote', 'more'],
    ['> quote', '> another'],
    ['> [!note] callout\n> text', 'more'],
    ['> - item', 'more'],
    ['| a | b |\n|---|---|\n| 1 | 2 |', 'more'],
    ['| a |\n|---|', '- item'],
    ['a | b\n--|--\n1 | 2', 'more'],
    ['- item', 'more'],
    ['- item\n  more of it', 'text'],
    ['1. item', 'text'],
    ['- [ ] task', 'text'],
    ['- item', '> quote'],
    ['- item ^id', 'text'],
    ['[^1]: footnote', 'text'],
    ['[^1]: footnote', '- item'],
    ['<div>\ntext', 'more'],
    ['</details>', 'more'],
    ['<custom>', 'more'],
    ['a line  ', 'more'],
    ['a line\\', 'more'],
    ['text', '---'],
    ['text', '==='],
    ['text', '---\nmore'],
    ['text', 'Title\n==='],
    ['text', '| a |\n|---|\n| 1 |'],
    ['text', '2. second'],
    ['text', '-'],
    ['text', '[k]: note.md'],
    ['text', '[^1]: footnote'],
    ['text', '    code'],
    ['text', '<custom>'],
    ['text', 'named ^id'],
    ['x', '``` `\n==='],
  ])('is needed: %j %j', (before, after) => expect(needsBlankLine(before, after)).toBe(true));

  test.each<[string, string]>([
    ['text', 'more'],
    ['text', '- item'],
    ['text', '1. item'],
    ['text', '# heading'],
    ['text', '> quote'],
    ['text', '```\ncode\n```'],
    ['- item', '- another'],
    ['- item', '* another'],
    ['- [ ] task', '- [x] another'],
    ['- item ^id', '- another'],
    ['1. item', '2. another'],
    ['- item', '  - child'],
    ['- item', '# heading'],
    ['| a |\n|---|\n| 1 |', '| 2 |'],
    ['[^1]: one', '[^2]: two'],
    ['# heading', 'text'],
    ['# heading', '- item'],
    ['Title\n===', 'text'],
    ['```\ncode\n```', 'text'],
    ['---', 'text'],
    ['<pre>\nx\n</pre>', 'text'],
    ['    code', 'text'],
    ['', 'text'],
    ['text', ''],
  ])('is not needed: %j %j', (before, after) => expect(needsBlankLine(before, after)).toBe(false));
});

describe('adding to a section or a block keeps what is there', () => {
  const heading = { type: 'heading', path: ['A'] } as const;
  test.each<[string, SectionEdit['operation'], string, string]>([
    ['# A\ntext ^id\n', 'append', 'x', '# A\ntext ^id\n\nx\n'],
    ['# A\n> quote\n', 'append', 'x', '# A\n> quote\n\nx\n'],
    ['# A\n|a|\n|-|\n|1|\n', 'append', '|2|', '# A\n|a|\n|-|\n|1|\n|2|\n'],
    ['# A\n|a|\n|-|\n|1|\n', 'append', 'x', '# A\n|a|\n|-|\n|1|\n\nx\n'],
    ['# A\n- a\n\n# B\n', 'append', '- b', '# A\n- a\n- b\n\n# B\n'],
    ['# A\n- a\n', 'append', 'x', '# A\n- a\n\nx\n'],
    ['# A\n- a\n', 'prepend', '- x', '# A\n- x\n- a\n'],
    ['# A\n- a\n', 'prepend', 'x', '# A\nx\n- a\n'],
    ['# A\ntext\n', 'prepend', '- x', '# A\n- x\n\ntext\n'],
    ['# A\ntext ^id\n', 'prepend', 'x', '# A\nx\n\ntext ^id\n'],
    ['# A\ntext\n', 'prepend', '> x', '# A\n> x\n\ntext\n'],
    ['# A\r\n- a\r\n', 'append', 'x', '# A\r\n- a\r\n\r\nx\r\n'],
    ['# A\n<div>\nx\n</div>\n', 'append', 'y', '# A\n<div>\nx\n</div>\n\ny\n'],
  ])('%j %s %j', (text, operation, content, expected) => {
    expect(editSection(text, { target: heading, operation, content })).toBe(expected);
  });

  /** What is found in a part of a note, with what each block id names. */
  function found(text: string, from: number, to: number): unknown {
    const { headings, links, tags, blocks, tasks } = parseNote(text);
    const within = <Item extends { start: number }>(items: readonly Item[]) =>
      items.filter(({ start }) => start >= from && start < to);
    return {
      headings: within(headings).map(({ level, text: heading }) => `${level} ${heading}`),
      links: within(links).map(({ target, start }) => `${start - from} ${target}`),
      tags: within(tags).map(({ tag }) => tag),
      blocks: within(blocks).map(({ id, blockStart, blockEnd }) => `${id}: ${text.slice(blockStart, blockEnd)}`),
      tasks: within(tasks).map(({ text: task }) => task),
    };
  }

  test('whatever is added to whatever', () => {
    const added = fc.constantFrom(
      'x',
      '- item',
      '> q',
      '# H',
      '| a |\n|---|',
      '[^1]: n',
      'x ^new',
      '---',
      '1. y',
      '<b>',
      '[[l]]',
    );
    fc.assert(
      fc.property(markdown, added, (body, content) => {
        const text = `# Zed\n${body}\n\n# End\n`;
        const parsed = parseNote(text);
        if (parsed.headings.filter(({ level }) => level === 1).length !== 2) return;
        // White space of other kinds counts as part of a blank line at the end of a section.
        if (/[^\S \t\r\n]/.test(body)) return;
        // What a fence or a comment leaves open takes in all that follows.
        if (
          parsed.headings.at(-1)?.text !== 'End' ||
          parsed.headings.filter(({ text: name }) => name === 'Zed').length !== 1
        )
          return;
        const target = { type: 'heading', path: ['Zed'] } as const;
        const end = text.length - '# End\n'.length;
        const before = found(text, 0, end);
        const edited = editSection(text, { target, operation: 'append', content });
        const at = edited.indexOf(content, text.slice(0, end).trimEnd().length);
        if (at < 0) return;
        expect(found(edited, 0, at)).toEqual(before);
      }),
      { numRuns: 2000 },
    );
  });
});

describe('removing a block takes its markers and lines', () => {
  const target = { type: 'block', id: 'i' } as const;
  test.each<[string, string]>([
    ['- a\n- b ^i\n- c\n', '- a\n- c\n'],
    ['- a ^i\n', ''],
    ['1. a\n2. b ^i\n', '1. a\n'],
    ['- [ ] a ^i\n- [x] b\n', '- [x] b\n'],
    ['> a\n>\n> b ^i\n', '> a\n'],
    ['> a\n>\n> b ^i\n\nc\n', '> a\n\nc\n'],
    ['> - a ^i\n> - b\n', '> - b\n'],
    ['# a ^i\n\nb\n', 'b\n'],
    ['x\n\n## a ^i\n\nb\n', 'x\n\nb\n'],
    ['[^1]: a ^i\n', ''],
    ['a\n\nb ^i\n\nc\n', 'a\n\nc\n'],
    ['a\n\nb\nc ^i\n\nd\n', 'a\n\nd\n'],
    ['a\r\n\r\nb ^i\r\n\r\nc\r\n', 'a\r\n\r\nc\r\n'],
    ['a ^i\n\nb', 'b'],
    ['a\n\nb ^i', 'a\n'],
    ['x\n\n|a|\n|-|\n\n^i\n\ny\n', 'x\n\ny\n'],
    ['---\nk: 1\n---\na ^i\n\nb\n', '---\nk: 1\n---\nb\n'],
    ['a\n^i\n\nb\n', 'b\n'],
  ])('%j', (text, expected) => {
    expect(editSection(text, { target, operation: 'remove' })).toBe(expected);
  });
});

describe('replacing a block', () => {
  const target = { type: 'block', id: 'i' } as const;
  test.each<[string, string, string]>([
    ['[^1]: old ^i\n', 'new', '[^1]: new ^i\n'],
    ['# H\n\n^i\n\ntext\n', 'new', '# H\n\nnew ^i\n\ntext\n'],
    ['# H\n^i\n', 'a\nb', '# H\na\nb\n\n^i\n'],
    ['^i\n\ntext\n', 'new', 'new ^i\n\ntext\n'],
    ['---\nk: 1\n---\n^i\n', 'new', '---\nk: 1\n---\nnew ^i\n'],
    ['- a\n- ^i\n', 'b', '- a\n- b ^i\n'],
    ['old ^i\n', 'new ^i', 'new ^i\n'],
    ['old ^i\n', 'new ^I\n', 'new ^i\n'],
    ['|a|\n|-|\n\n^i\n', '|b|\n|-|\n\n^i', '|b|\n|-|\n\n^i\n'],
    ['old ^i\n', 'new ^other', 'new ^other ^i\n'],
  ])('%j with %j', (text, content, expected) => {
    expect(editSection(text, { target, operation: 'replace', content })).toBe(expected);
  });
});

describe('a section', () => {
  test.each<[string, string, string]>([
    ['# A\nold\n', '# A\nnew', '# A\nnew\n'],
    ['# A\nold\n', '# A\n\nnew', '# A\nnew\n'],
    ['# A\nold\n', '## A\nnew', '# A\n## A\nnew\n'],
    ['# A\nold\n', 'new\n# A', '# A\nnew\n# A\n'],
    ['A\n===\nold\n', '# A\nnew', 'A\n===\nnew\n'],
  ])('is replaced by content that may repeat its heading: %j %j', (text, content, expected) => {
    expect(editSection(text, { target: { type: 'heading', path: ['A'] }, operation: 'replace', content })).toBe(
      expected,
    );
  });

  test('of several with the same path is named by its index', () => {
    const text = '# A\none\n# A\ntwo\n# A\nthree\n';
    const edit = (index: number) =>
      editSection(text, { target: { type: 'heading', path: ['A'], index }, operation: 'append', content: 'x' });
    expect(edit(1)).toBe('# A\none\nx\n# A\ntwo\n# A\nthree\n');
    expect(edit(3)).toBe('# A\none\n# A\ntwo\n# A\nthree\nx\n');
    expect(() => edit(4)).toThrow('There is no heading "A" with the index 4; it is there 3 times.');
    expect(() => editSection(text, { target: { type: 'heading', path: ['A'] }, operation: 'remove' })).toThrow('index');
  });
});
