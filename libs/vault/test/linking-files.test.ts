import { describe, expect, test } from 'vitest';
import { canHaveLinks, createLinkIndex, fileLinks, linkKeys, planMove } from '../src/index.ts';

const CANVAS = `{
\t"nodes":[
\t\t{"id":"1","type":"file","file":"Notes/Caf\\u00e9.md","subpath":"#One","x":0,"y":-1.50},
\t\t{"id":"2","type":"group","label":"Notes/Café.md","background":"img/a \\"b\\".png"},
\t\t{"id":"3","type":"text","text":"# T\\n[[Café|c]] and [r](../Notes/Caf%C3%A9.md#x)\\n\`[[Café]]\` \\ud83d\\ude00 [[Café]]"},
\t\t{"id":"4","type":"link","url":"https://example.org/Notes/Café.md"},
\t\t{"id":"5","type":"file","file":"gone.md"}
\t],
\t"edges":[{"id":"e","fromNode":"1","toNode":"2","label":"[[Café]]"}]
}`;

const BASE = `filters:
  and:
    - file.hasLink("Café")
    - 'list(up).contains(link("Notes/Café.md#One", "Café"))'
    - categories.contains(link('Café'))
    - note.title != "Café" && mylink("Café")
    - file.hasLink(link("https://example.org"))
formulas:
  cover: "image(\\"img/a.png\\")"
  plain: "[[Café]] is a link"
views:
  - type: table
    name: Café # [[Café]]
`;

const files = ['Notes/Café.md', 'img/a "b".png', 'img/a.png', 'boards/B.canvas', 'boards/All.base', 'Other.md'];

function after(path: string, text: string, moves: Record<string, string>): string {
  const index = createLinkIndex(files);
  const { changed } = planMove({ moves: new Map(Object.entries(moves)), index, files: [{ path, text }] });
  return changed.get(path) ?? text;
}

describe('links of a canvas', () => {
  test('are its files, backgrounds and what its texts link', () => {
    const links = fileLinks('boards/B.canvas', CANVAS);
    expect(links.map(({ line, kind, target, subpath }) => `${line} ${kind} ${target}${subpath}`)).toEqual([
      '3 path /Notes/Café.md#One',
      '4 path /img/a "b".png',
      '5 wiki Café',
      '5 markdown ../Notes/Café.md#x',
      '5 wiki Café',
      '7 path /gone.md',
    ]);
    expect(linkKeys('boards/B.canvas', CANVAS).sort()).toEqual(['a "b".png', 'café', 'gone']);
  });

  test.each<[string, Record<string, string>, [string, string][]]>([
    [
      'a note that is renamed',
      { 'Notes/Café.md': 'Notes/Tea "x".md' },
      [
        ['Notes/Caf\\u00e9.md', 'Notes/Tea \\"x\\".md'],
        ['[[Café|c]]', '[[Tea \\"x\\"|c]]'],
        ['../Notes/Caf%C3%A9.md#x', '../Notes/Tea%20%22x%22.md#x'],
        ['😀 [[Café]]', '😀 [[Tea \\"x\\"]]'],
        ['\\ud83d\\ude00 [[Café]]', '\\ud83d\\ude00 [[Tea \\"x\\"]]'],
      ],
    ],
    [
      'a folder that moves',
      { 'Notes/Café.md': 'Deep/er/Café.md', 'img/a "b".png': 'Deep/a "b".png' },
      [
        ['Notes/Caf\\u00e9.md', 'Deep/er/Café.md'],
        ['img/a \\"b\\".png', 'Deep/a \\"b\\".png'],
        ['../Notes/Caf%C3%A9.md#x', '../Deep/er/Caf%C3%A9.md#x'],
      ],
    ],
    ['the canvas itself', { 'boards/B.canvas': 'B.canvas' }, [['../Notes/Caf%C3%A9.md#x', './Notes/Caf%C3%A9.md#x']]],
    ['another file', { 'Other.md': 'Else.md' }, []],
  ])('are kept right for %s, and every other character stays', (_, moves, replaced) => {
    let expected = CANVAS;
    for (const [before, text] of replaced) expected = expected.replace(before, () => text);
    expect(after('boards/B.canvas', CANVAS, moves)).toBe(expected);
  });

  test.each([
    '',
    '[]',
    'null',
    '{"nodes":{}}',
    '{"nodes":[1,null,{"file":1,"text":[]}]}',
    '{"nodes":[{"file":"a.md"',
    '{"nodes":[{"file":""}]}',
    '['.repeat(100_000),
  ])('are none in what is no canvas (%#)', (text) => {
    expect(fileLinks('a.canvas', text)).toEqual([]);
  });
});

describe('links of a base', () => {
  test('are the files that its formulas name and the links in its values', () => {
    const links = fileLinks('boards/All.base', BASE).filter(({ external }) => !external);
    expect(links.map(({ line, kind, target, subpath }) => `${line} ${kind} ${target}${subpath}`)).toEqual([
      '3 formula Café',
      '4 formula Notes/Café.md#One',
      '5 formula Café',
      '9 formula img/a.png',
      '10 wiki Café',
    ]);
    expect(linkKeys('boards/All.base', BASE).sort()).toEqual(['a.png', 'café']);
  });

  test('are kept right when a note is renamed, and every other character stays', () => {
    const expected = BASE.replace('hasLink("Café")', 'hasLink("It\'s")')
      .replace('link("Notes/Café.md#One", ', 'link("Notes/It\'\'s.md#One", ')
      .replace("link('Café')", "link('It\\'s')")
      .replace('[[Café]] is', "[[It's]] is");
    const changed = after('boards/All.base', BASE, { 'Notes/Café.md': "Notes/It's.md" });
    expect(changed).toBe(expected);
    const names = fileLinks('boards/All.base', changed).map(({ target }) => target);
    expect(names.slice(0, 3)).toEqual(["It's", "Notes/It's.md", "It's"]);
  });

  test.each(['', 'a: [', '- x', 'filters: "link("', `a: ${'['.repeat(5_000)}`])('are none in %j', (text) => {
    expect(fileLinks('a.base', text)).toEqual([]);
  });
});

test.each([
  ['a.md', true],
  ['b/c.canvas', true],
  ['D.BASE', true],
  ['a.png', false],
  ['canvas', false],
])('%s can have links: %s', (path, expected) => {
  expect(canHaveLinks(path)).toBe(expected);
});

test('links that cannot name the new path are told', () => {
  const text = '[[a.png]] ![x](a.png)\n\n![[a.png|40]]';
  const index = createLinkIndex(['n.md', 'a.png']);
  const moves = new Map([['a.png', 'a#b.png']]);
  const { changed, left } = planMove({ moves, index, files: [{ path: 'n.md', text }] });
  expect(changed.get('n.md')).toBe('[[a.png]] ![x](a%23b.png)\n\n![[a.png|40]]');
  expect(left).toEqual([
    { path: 'n.md', line: 1, link: '[[a.png]]', target: 'a#b.png' },
    { path: 'n.md', line: 3, link: '![[a.png|40]]', target: 'a#b.png' },
  ]);
});

test('many links on one line, and in one text, are found and rewritten in linear time', () => {
  const node = '{"type":"file","file":"a.png","note":"xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"}';
  const text = `{"type":"text","text":"${'[[a.png]] '.repeat(60_000)}"}`;
  const canvas = `{"nodes":[${[...Array.from({ length: 30_000 }, () => node), text].join(',')}]}`;
  const files = [{ path: 'c.canvas', text: canvas }];
  const moves = new Map([['a.png', 'b.png']]);
  const { changed } = planMove({ moves, index: createLinkIndex(['c.canvas', 'a.png']), files });
  expect(changed.get('c.canvas')).toBe(canvas.replaceAll('a.png', 'b.png'));
});
