import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readPlainFrontmatter } from '../src/frontmatter/plain-frontmatter.ts';
import {
  frontmatterAliases,
  frontmatterLinks,
  frontmatterTags,
  noteTags,
  noteTitle,
  parseNote,
  readFrontmatter,
} from '../src/index.ts';

function note(yaml: string): string {
  return `---\n${yaml}---\nbody\n`;
}

function read(yaml: string): ReturnType<typeof readFrontmatter> {
  const text = note(yaml);
  return readFrontmatter(parseNote(text));
}

describe('readFrontmatter', () => {
  test.each<[string, Record<string, unknown>]>([
    ['', {}],
    ['# only a comment\n', {}],
    ['a: 1\nb: -2.5\nc: true\nd: null\ne: ~\nf:\n', { a: 1, b: -2.5, c: true, d: null, e: null, f: null }],
    ['a: 2024-01-02\nb: 2024-01-02T10:00:00\n', { a: '2024-01-02', b: '2024-01-02T10:00:00' }],
    ['a: yes\nb: No\nc: 0o17\nd: 0x1F\ne: 1e3\n', { a: 'yes', b: 'No', c: 15, d: 31, e: 1000 }],
    ['a: [x, "y, z", 3]\nb: []\n', { a: ['x', 'y, z', 3], b: [] }],
    ['a:\n  - x\n  - "[[y]]"\nb:\n- 1\n', { a: ['x', '[[y]]'], b: [1] }],
    ["a: \"q \\\" r\"\nb: 'it''s'\n", { a: 'q " r', b: "it's" }],
    ['a: x # c\n', { a: 'x' }],
    ['a:\n  b:\n    - c: 1\n', { a: { b: [{ c: 1 }] } }],
    ['a: |\n  x\n  y\nb: >\n  x\n  y\n', { a: 'x\ny\n', b: 'x y\n' }],
    ['a: x\n  y\n', { a: 'x y' }],
    ['a: .inf\nb: -.INF\nc: .nan\n', { a: null, b: null, c: null }],
    ['a: 12345678901234567890\nb: 9007199254740991\n', { a: '12345678901234567890', b: 9007199254740991 }],
    ['a: -0\nb: +5\n', { a: 0, b: 5 }],
    ['a: !!binary aGk=\nb: !mine x\n', { a: 'aGk=', b: 'x' }],
    ['a: &x [1]\nb: *x\n', { a: [1], b: [1] }],
    ['__proto__: {polluted: true}\nb: 1\n', { b: 1 }],
    ['a: https://x.y/z#q\nb: [[x]]\n', { a: 'https://x.y/z#q', b: [['x']] }],
    ['ключ: значение\nмоё: 1\n', { ключ: 'значение', моё: 1 }],
  ])('%j', (yaml, data) => {
    expect(read(yaml)).toEqual({ data, warning: null });
    expect(read(yaml.replaceAll('\n', '\r\n'))).toEqual({ data, warning: null });
  });

  test.each<[string, string, RegExp]>([
    ['broken YAML', 'a: 1\nb: [1\n', /line 4/],
    ['a mapping in a line', 'a: b: c\n', /line 2/],
    ['a list', '- a\n', /line 2/],
    ['a text', 'text\n', /line 2/],
    ['a key twice', 'a: 1\nb: 2\na: 3\n', /twice.*line 4/],
    ['a nested key twice', 'a:\n  b: 1\n  b: 2\n', /twice.*line 4/],
    ['two documents', 'a: 1\n...\nb: 2\n', /more than one/],
    ['deep nesting', `a: ${'['.repeat(50_000)}\n`, /too deeply/],
    ['too much text', `a: ${'x'.repeat(300_000)}\n`, /256 KB/],
  ])('refuses %s', (_, yaml, warning) => {
    const result = read(yaml);
    expect(result.data).toEqual({});
    expect(result.warning).toMatch(warning);
  });

  test('refuses a YAML bomb', () => {
    const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x, x]'];
    for (let i = 1; i < 12; i++)
      lines.push(
        `a${i}: &a${i} [${Array(10)
          .fill(`*a${i - 1}`)
          .join(', ')}]`,
      );
    expect(read(`${lines.join('\n')}\n`).warning).toMatch(/alias/);
  });

  test.each([
    ['a: 1\nb: *none\n', 'uses the alias "*none" on line 3, but nothing before it has the anchor "&none"'],
    ['title: *emphasis*\n', 'uses the alias "*emphasis*" on line 2, but nothing'],
    ['list:\n  - x\n  - *y\n', 'uses the alias "*y" on line 4'],
    ['a: *late\nb: &late 1\n', 'uses the alias "*late" on line 2, but nothing before it'],
    ['a: {b: [*deep]}\n', 'uses the alias "*deep" on line 2'],
    ['*key : 1\n', 'uses the alias "*key" on line 2'],
    ['a: &x\n  - *x\n', 'uses the alias "*x" on line 3 inside of what it stands for'],
    [`a: &a [1]\nb: &b [${'*a,'.repeat(20)}]\nc: [${'*b,'.repeat(20)}]\n`, 'repeats aliases too often'],
    [`a: ${'['.repeat(300)}${']'.repeat(300)}\n`, 'nests too deeply'],
  ])('%j is reported for what it is', (raw, sentence) => {
    expect(read(raw).warning).toContain(sentence);
    expect(read(raw).data).toEqual({});
  });

  test('an alias of an anchor before it is read', () => {
    expect(read('a: &x 1\nb: *x\nc: &x 2\nd: *x\n').data).toEqual({ a: 1, b: 1, c: 2, d: 2 });
  });

  test('takes linear time for many keys and many errors', () => {
    const keys = read(Array.from({ length: 15_000 }, (_, i) => `k${i}: 'v' #\n`).join(''));
    expect(Object.keys(keys.data)).toHaveLength(15_000);
    expect(read(`a: ${'*a '.repeat(20_000)}\n`).data).toEqual({});
  });
});

describe('the plain reader agrees with the YAML parser', () => {
  const scalar = fc.oneof(
    fc.constantFrom(
      'x',
      'a b',
      '1',
      '-1',
      '+1',
      '01',
      '1.',
      '.5',
      '1.50',
      '1e5',
      '0x1f',
      '0o7',
      'true',
      'True',
      'NULL',
      'null',
      '~',
      'yes',
      'no',
      '.inf',
      '.nan',
      '2024-01-01',
      '2024-01-01 10:00',
      '12:30',
      '1_000',
      '- x',
      '-x',
      '--',
      '?',
      '? x',
      ':x',
      'a:b',
      'a: b',
      'a:',
      'a #b',
      'a#b',
      '#a',
      '[[x]]',
      '"[[x]]"',
      "'y'",
      "'it''s'",
      '"a\\nb"',
      '"',
      "'",
      '"a" b',
      '[]',
      '[a, b]',
      '[a,b]',
      '[ "x" , 1 ]',
      '[a, ]',
      '[,]',
      '[a',
      'a]',
      '[a b, c: d]',
      '[a #b]',
      '{}',
      '{a: 1}',
      '&a',
      '*a',
      '!x',
      '|',
      '>',
      '%a',
      '@a',
      '`a',
      '(a)',
      '$5',
      '5$',
      '<a>',
      '=',
      '+',
      '.',
      '..',
      '...',
      '---',
      'ä',
      '😀',
      '–',
      'https://a.b/c?d=e#f',
      'a, b',
      'x  ',
      '\tx',
      'x\ty',
      '"x" # c',
      '["a","b"]',
      '[\'a\', "b"]',
      '[true, 1.0, null]',
      '99999999999999999999',
      '1234567890123456',
      '0.1',
      '1.23456789012345678',
      'nan',
      'Null',
      'TRUE',
      'fALSE',
      '\u2028',
      '\ufeff',
      '1/2',
      '50%',
      'v1.2',
      '1 2',
      '~x',
      '_x',
      '^x',
      ';',
      '/',
      'x:y z',
      'a\u00a0b',
      '0',
      '00',
      '-0',
      '-.5',
      '1-2',
      '0x',
      '0xg',
      '1a',
      '1g',
    ),
    fc.string({ maxLength: 8 }).map((text) => text.replace(/[\r\n]/g, ' ')),
    fc.string({ unit: 'binary', maxLength: 4 }).map((text) => text.replace(/[\r\n]/g, ' ')),
    fc.constantFrom('🌱', '🌱 idea', '"🌱"', '🌱: x', '\ud83c', '\udf31 x', '[🌱, "🧠"]'),
  );
  const key = fc.oneof(
    fc.constantFrom(
      'a',
      'b',
      'tags',
      'two words',
      'true',
      'null',
      '1',
      '"q"',
      'ä',
      'a-b',
      '_x',
      '- a',
      '? a',
      'a b ',
      'yes',
      'Ω',
      'n',
      'TRUE',
    ),
    fc.string({ maxLength: 4 }).map((text) => text.replace(/[\r\n]/g, '')),
  );
  const line = fc.oneof(
    fc.tuple(key, scalar).map(([name, value]) => `${name}: ${value}`),
    fc.tuple(key, scalar).map(([name, value]) => `${name}: ${value}`),
    key.map((name) => `${name}:`),
    scalar.map((value) => `  - ${value}`),
    scalar.map((value) => `- ${value}`),
    scalar.map((value) => `    ${value}`),
    fc.constantFrom('', '  ', '# c', '  # c', '-', '  -', 'x', ' a: b'),
  );

  test('on every text it reads', () => {
    let plainRead = 0;
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), fc.constantFrom('\n', '\r\n'), (lines, lineBreak) => {
        const raw = lines.map((text) => text + lineBreak).join('');
        const plain = readPlainFrontmatter(raw);
        if (plain === null) return;
        plainRead++;
        const reference: unknown = parse(raw, { schema: 'core', version: '1.2' }) ?? {};
        // The JSON round trip turns -0 into 0, as the data promises.
        expect(plain.data).toEqual(JSON.parse(JSON.stringify(reference)));
        for (const span of plain.scalars) expect(raw.slice(span.start, span.end)).not.toMatch(/[\r\n]/);
      }),
      { numRuns: 20_000 },
    );
    expect(plainRead).toBeGreaterThan(1000);
  });

  test.each([
    'title: A title, with: no\n',
    'title: Simple\ntags: [a, b/c]\naliases:\n  - One\n  - "Two"\ncreated: 2024-01-01\nup: "[[Index]]"\nrating: 5\ndone: false\n',
    'mood: 🌱\nrelated: "[[🧠 Note]]"\nstatus: idea 💡\n',
  ])('reads the usual notes itself: %j', (raw) => {
    expect(readPlainFrontmatter(raw) === null).toBe(raw.includes('with: no'));
  });
});

describe('tags, aliases and title', () => {
  test.each<[Record<string, unknown>, string[]]>([
    [{ tags: ['a', '#b', 'A', 'c/d', 3, null, '2024'] }, ['a', 'b', 'c/d']],
    [{ tags: 'a, b #c  d' }, ['a', 'b', 'c', 'd']],
    [{ tag: 'x', Tags: ['y'] }, ['x', 'y']],
    [{ tags: null }, []],
    [{}, []],
    [{ tags: { a: 1 } }, []],
  ])('tags of %j', (data, expected) => expect(frontmatterTags(data)).toEqual(expected));

  test.each<[Record<string, unknown>, string[]]>([
    [{ aliases: ['One, two', ' Three ', 4] }, ['One, two', 'Three', '4']],
    [{ alias: 'One, Two' }, ['One', 'Two']],
    [{ aliases: null }, []],
  ])('aliases of %j', (data, expected) => expect(frontmatterAliases(data)).toEqual(expected));

  test('noteTags puts properties first and keeps the first spelling', () => {
    expect(noteTags(parseNote('#b #A #c #C'), { tags: ['a'] })).toEqual(['a', 'b', 'c']);
  });

  test.each([
    ['a/b.md', 'b'],
    ['v1.2.md', 'v1.2'],
    ['v1.2', 'v1.2'],
    ['B.MD', 'B'],
    ['c.markdown', 'c'],
    ['.md', '.md'],
  ])('title of %s', (path, title) => expect(noteTitle(path, parseNote(''))).toBe(title));
});

describe('frontmatterLinks', () => {
  test.each<[string, string[]]>([
    ['up: "[[A]]"\n', ['double A']],
    ["up: '[[A''s#x|it''s]]'\n", ["single A's#x|it's"]],
    ['up: see [[A]] and ![[B|c]]\n', ['plain A', 'plain B|c']],
    ['up: [[A]]\n', []],
    ['up:\n  - "[[A]]"\n  - "[[B]]"\nx: ["[[C]]"]\n', ['double A', 'double B', 'double C']],
    ['up: |\n  [[A]]\n  [[B]]\n', ['block A', 'block B']],
    ['# "[[A]]"\nup: x # [[B]]\n', []],
    ['"[[A]]": x\n', []],
    ['a: {b: "[[A]]", c: "[[B]]"}\n', ['double A', 'double B']],
    ['up: "[[A\\"]]"\n', ['double A"']],
    ['up: "[[Caf\\xE9 \\u2192 \\U0001F600]]"\n', ['double Café → 😀']],
    ['up: "a\\tb [[A\\\\B|c\\"d]] [[E]]"\n', ['double A\\B|c"d', 'double E']],
    ['up: "one [[A\\\n  B]]"\n', ['double AB']],
    ['up: "[x](n.md)"\n', ['double n.md|x']],
    [
      'up:\n  - "[x](a%20b.md#H)"\n  - \'see ![i](p.png) and [[C]]\'\n',
      ['double a b.md#H|x', 'single p.png|i', 'single C'],
    ],
    ['up: see [x](<a b.md>) now\n', ['plain a b.md|x']],
    ['up: [x](n.md)\n', []],
    ['up: "[[A]]\n', []],
    ['a: "x"\nb: 1\nup: "[[A]]"\n', ['double A']],
  ])('%j', (yaml, expected) => {
    const text = note(yaml);
    const links = frontmatterLinks(parseNote(text), text);
    const described = links.map((l) => `${l.yaml} ${l.target}${l.subpath}${l.alias === null ? '' : `|${l.alias}`}`);
    expect(described).toEqual(expected);
    for (const link of links) {
      expect(text.slice(link.start, link.end)).toMatch(/^!?\[.*[\])]$/s);
      expect(link.line).toBe(text.slice(0, link.start).split('\n').length);
    }
  });

  test('takes linear time for many values', () => {
    const yaml = `${Array.from({ length: 12_000 }, (_, i) => `k${i}: "v"\n`).join('')}z: "[[A]]"\n`;
    const text = note(yaml);
    const parsed = parseNote(text);
    expect(frontmatterLinks(parsed, text)).toHaveLength(1);
  });
});
