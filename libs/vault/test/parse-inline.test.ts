import { describe, expect, test } from 'vitest';
import { type Link, parseNote } from '../src/index.ts';

function describeLink(link: Link): string {
  const marks = `${link.embed ? '!' : ''}${link.external ? '^' : ''}${link.kind === 'wiki' ? 'w' : 'm'}`;
  return `${marks} ${link.target}|${link.subpath}|${link.alias}`;
}

describe('wikilinks', () => {
  test.each<[string, string[]]>([
    ['[[a]]', ['w a||null']],
    ['![[a.png|100x20]]', ['!w a.png||100x20']],
    ['[[a#b#c|d]]', ['w a|#b#c|d']],
    ['[[#^x]]', ['w |#^x|null']],
    ['[[ a b | c ]]', ['w a b||c']],
    ['[[a|b|c]]', ['w a||b|c']],
    ['| [[a\\|b]] | [[c#d\\|e]] |', ['w a||b', 'w c|#d|e']],
    ['[[]] [[ ]] [[|a]]', []],
    ['[[a\nb]]', []],
    ['[[a [[b]]', ['w b||null']],
    ['[[[a]]]', ['w a||null']],
    ['[[a]b]]', ['w a]b||null']],
    ['[[a b [c] d]]', ['w a b [c] d||null']],
    ['\\[[a]]', []],
    ['\\![[a]]', ['w a||null']],
    ['!\\[[a]]', []],
    ['[[a]][[b]]', ['w a||null', 'w b||null']],
    ['[[a]', []],
    ['[[ä/😀]]', ['w ä/😀||null']],
    ['# [[a]]', ['w a||null']],
    ['[[a]]\r\n[[b]]\r\n', ['w a||null', 'w b||null']],
    ['[[a|]]', ['w a||']],
    ['[[a%20b]]', ['w a%20b||null']],
  ])('%j', (text, expected) => expect(parseNote(text).links.map(describeLink)).toEqual(expected));
});

describe('markdown links', () => {
  test.each<[string, string[]]>([
    ['[a](b.md)', ['m b.md||a']],
    ['![a](b%20c.png)', ['!m b c.png||a']],
    ['[a](b.md#H%20x)', ['m b.md|#H x|a']],
    ['[a](<b c.md#d>)', ['m b c.md|#d|a']],
    ['[a](b.md "t") [c](d \'t\') [e](f (t))', ['m b.md||a', 'm d||c', 'm f||e']],
    ['[a](b (1).md)', []],
    ['[a](b(1).md) [c](d(e(f)))', ['m b(1).md||a', 'm d(e(f))||c']],
    ['[a](b\\(1.md)', ['m b(1.md||a']],
    ['[a [b] c](d)', ['m d||a [b] c']],
    ['[a](b%ZZ%20%.md)', ['m b%ZZ %.md||a']],
    ['[a](%FF%C3%A4)', ['m %FFä||a']],
    [
      '[a](https://x.y/z#q) [b](mailto:a@b) [c](obsidian://open) [d](//h/i)',
      ['^m https://x.y/z#q||a', '^m mailto:a@b||b', '^m obsidian://open||c', '^m //h/i||d'],
    ],
    ['[a](c:b.md)', ['m c:b.md||a']],
    ['[a]()', []],
    ['[a] (b)', []],
    ['[a](b', []],
    ['[a](b "t)', []],
    ['\\[a](b)', []],
    ['[a\\](b)', []],
    ['[a](<b\nc>)', []],
    ['[a\nb](c)', ['m c||a\nb']],
    ['[![a](b.png)](c.md)', ['m c.md||![a](b.png)', '!m b.png||a']],
    ['[[[x]] y](z)', ['w x||null']],
    ['[a [b](c) d](e)', ['m c||b']],
    ['[![[a.png]]](b.md)', ['m b.md||![[a.png]]', '!w a.png||null']],
    ['`[a`](b)', []],
    ['[a](#h)', ['m |#h|a']],
    ['[a](/b/c.md) [d](../e.md)', ['m /b/c.md||a', 'm ../e.md||d']],
    ['[^1](a)', ['m a||^1']],
  ])('%j', (text, expected) => expect(parseNote(text).links.map(describeLink)).toEqual(expected));

  test('offsets and lines', () => {
    const text = 'x\n> [a](<b c.md#d> "t")\n![[e#f|g]]';
    const [first, second] = parseNote(text).links;
    expect(text.slice(first?.start, first?.end)).toBe('[a](<b c.md#d> "t")');
    expect(text.slice(first?.targetStart, first?.targetEnd)).toBe('b c.md#d');
    expect(text.slice(second?.start, second?.end)).toBe('![[e#f|g]]');
    expect(text.slice(second?.targetStart, second?.targetEnd)).toBe('e#f');
    expect([first?.line, second?.line]).toEqual([2, 3]);
  });
});

describe('tags', () => {
  test.each<[string, string[]]>([
    ['#a #b/c #d_e-f', ['a', 'b/c', 'd_e-f']],
    ['#1 #1a #a1 #2024/1 #_', ['1a', 'a1', '2024/1', '_']],
    ['a#b (#c) [#d] "#e', []],
    ['\\#a # b ## #', []],
    ['#ä #标签，x #Ελ #😀 #👩‍💻 #a.b', ['ä', '标签', 'Ελ', '😀', '👩‍💻', 'a']],
    ['- #a\n> #b\n- [ ] #c\n\t#d', ['a', 'b', 'c', 'd']],
    ['>#a', ['a']],
    ['# h #a ##', ['a']],
    ['`#a` %%#b%% $#c$ [[x#d]] <b style="x: #e">', []],
    ['[a #b](c)', ['b']],
    ['https://x.y/#a', []],
    ['x\u00a0#a', ['a']],
    ['#a\r\n#b', ['a', 'b']],
    ['#a#b', ['a']],
  ])('%j', (text, expected) => {
    const { tags } = parseNote(text);
    expect(tags.map((tag) => tag.tag)).toEqual(expected);
    for (const tag of tags) expect(text.slice(tag.start, tag.end)).toBe(`#${tag.tag}`);
  });
});
