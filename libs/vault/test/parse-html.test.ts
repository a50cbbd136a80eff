import { describe, expect, test } from 'vitest';
import { editSection, parseNote } from '../src/index.ts';

/** What is found in a note: headings, links, tags and block ids, in their order. */
function found(text: string): string[] {
  const { headings, links, tags, blocks } = parseNote(text);
  const all = [
    ...headings.map(({ start, text: heading }) => ({ start, name: `# ${heading}` })),
    ...links.map(({ start, target }) => ({ start, name: target })),
    ...tags.map(({ start, tag }) => ({ start, name: `#${tag}` })),
    ...blocks.map(({ start, id }) => ({ start, name: `^${id}` })),
  ];
  return all.sort((one, other) => one.start - other.start).map(({ name }) => name);
}

describe('an HTML block hides what is in it', () => {
  test.each<[string, string[]]>([
    ['<style>\n#tag { }\n\n#other { }\n</style>\n#after', ['#after']],
    ['<script>\nlet a = "[[link]]";\n\n# no\n</script>\n# yes', ['# yes']],
    ['<pre>\n# no\n\n[[no]]\n</pre>\n[[yes]]', ['yes']],
    ['<textarea>\n\n[[no]]\n\n</textarea>\n\n[[yes]]', ['yes']],
    ['<PRE class="x">\n[[no]]\n</Pre> [[no]]\n[[yes]]', ['yes']],
    ['<pre>[[no]]</pre>\n[[yes]]', ['yes']],
    ['<pre\n[[no]]\n\n</pre>\n[[yes]]', ['yes']],
    ['<prex>\n[[no]]\n\n[[yes]]', ['yes']],
    ['<script>\n[[no]]', []],
    ['<?php\n[[no]]\n\n# no\n?>\n[[yes]]', ['yes']],
    ['<!DOCTYPE html [[no]]\n[[no]]>\n[[yes]]', ['yes']],
    ['<![CDATA[\n[[no]]\n\n# no\n]]>\n[[yes]]', ['yes']],
    ['<div>\n[[no]] #no\n# no\n\n[[yes]]\n</div>', ['yes']],
    ['<div>\n\n[[yes]]\n\n</div>\n[[no]]\n\n# yes', ['yes', '# yes']],
    ['<DIV CLASS="a"\n[[no]]>\n\n[[yes]]', ['yes']],
    ['</td>\n[[no]]\n\n[[yes]]', ['yes']],
    ['<hr/>\n[[no]]\n\n[[yes]]', ['yes']],
    ['<h1>[[no]]</h1>\n\n[[yes]]', ['yes']],
    ['text\n<div>\n[[no]]\n\n[[yes]]', ['yes']],
    ['<details>\n<summary>#no</summary>\n\n- [[yes]]\n\n</details>', ['yes']],
    ['<custom-tag a="b">\n[[no]]\n\n[[yes]]', ['yes']],
    ['</custom>\n[[no]]\n\n[[yes]]', ['yes']],
    ['<a href="x" b=\'y\' c=z d />  \n[[no]]\n\n[[yes]]', ['yes']],
    ['<custom> [[yes]]\n[[too]]', ['yes', 'too']],
    ['text\n<custom>\n[[yes]]', ['yes']],
    ['<custom a=">\n[[yes]]', ['yes']],
    ['<33>\n[[yes]]', ['yes']],
    ['    <div>\n[[yes]]', ['yes']],
    ['   <div>\n[[no]]\n\n[[yes]]', ['yes']],
    ['> <div>\n> [[no]]\n[[yes]]', ['yes']],
    ['> <pre>\n> [[no]]\n>\n> [[no]]\n\n[[yes]]', ['yes']],
    ['- <div>\n  [[no]]\n\n  [[yes]]\n- [[too]]', ['yes', 'too']],
    ['- <pre>\n\n  [[no]]\n- [[yes]]', ['yes']],
    ['<div>\r\n[[no]]\r\n\r\n[[yes]]\r\n', ['yes']],
    ['<div>\n```\n\n[[yes]]\n```\n[[no]]\n', ['yes']],
    ['<div>text ^no\n\n[[yes]]', ['yes']],
    ['<div>\n%%\n\n[[yes]]\n', ['yes']],
  ])('%j', (text, expected) => expect(found(text)).toEqual(expected));
});

describe('raw HTML within text hides what is in it', () => {
  test.each<[string, string[]]>([
    ['a <b title="[[no]]">[[yes]]</b>', ['yes']],
    ["a <b title='#no'> #yes", ['#yes']],
    ['a <b\ntitle="[[no]]"\nc> [[yes]]', ['yes']],
    ['a <img src=[[no]]> [[yes]]', ['no', 'yes'].slice(1)],
    ['a <b "[[yes]]">', ['yes']],
    ['a <1 [[yes]]>', ['yes']],
    ['a <?x [[no]] ?> [[yes]]', ['yes']],
    ['a <!X [[no]]> [[yes]]', ['yes']],
    ['a <![CDATA[ [[no]] ]]> [[yes]]', ['yes']],
    ['a <?x [[yes]]', ['yes']],
    ['a <![CDATA[ [[yes]] ', ['yes']],
    ['a </b [[yes]]>', ['yes']],
    ['a < b [[yes]]', ['yes']],
    ['a \\<b title="[[yes]]">', ['yes']],
    ['a `<b` [[yes]] `>`', ['yes']],
    ['# h <b title="#no">x</b>', ['# h <b title="#no">x</b>']],
  ])('%j', (text, expected) => expect(found(text)).toEqual(expected));
});

test('a section ends at the next heading, not at one in preformatted text', () => {
  const text = '# A\n\nfirst\n\n<pre>\n# not a heading\n</pre>\n\n# B\n';
  const edit = { target: { type: 'heading', path: ['A'] }, operation: 'append', content: 'last' } as const;
  expect(editSection(text, edit)).toBe('# A\n\nfirst\n\n<pre>\n# not a heading\n</pre>\nlast\n\n# B\n');
});

test.each(['<a b="', "<a b='", '<?', '<![CDATA[', '<!X', '<a ', '</a ', '<a b=c ', '<div>\n', '<pre>\n\n', '<x>\n\n'])(
  'a hundred thousand times %j is read in linear time',
  (piece) => {
    const seconds = (count: number) => {
      const started = performance.now();
      parseNote(piece.repeat(count));
      return performance.now() - started;
    };
    seconds(1_000);
    expect(seconds(100_000)).toBeLessThan(5_000);
  },
);
