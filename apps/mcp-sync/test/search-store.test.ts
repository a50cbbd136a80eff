import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readQuery } from '../src/domain/query.ts';
import { createPlace, type Place, providers } from './fixture/places.ts';
import { createReadSide, type ReadSide } from './fixture/read-side.ts';

const numbered = (word: string, count: number) => Array.from({ length: count }, (_, index) => `${word}${index}`);

/** More words than one text search vector has positions for. */
const manyWords = numbered('w', 60_000).join(' ');
const sameWord = 'filler '.repeat(2_000);

const files: Record<string, string | null> = {
  'Garden.md': '---\ntags: [project/home]\naliases: [Yard, Plot]\n---\n# Beds\n\nTomatoes grow. The quick brown fox.\n',
  'Notes/Tomatoes.md': 'About a red fruit, by the gardener. #food/red\n',
  'Notes/Heading.md': '# All about tomatoes\n\nNothing else.\n',
  'Notes/Body.md': 'In the body only: tomatoes, brown and quick. #Food\n',
  'Café.md': 'Crème brûlée, naïve Ångström. ÜBERMUT. Cafe\u0301 cre\u0300me. ΟΔΥΣΣΕΥΣ ﬁnd ½.\n',
  '日本語/東京.md': '東京都は日本の首都です。京都ではない。한국어 문서. mixed東京word\n',
  'Scripts.md': 'Die Straße. Łódź, Ørsted, Đakovo, ışık. Encyclopædia. hyphen\u00adation zero\u200bwidth\n',
  'Symbols.md': 'Party 🎉 by 👩‍💻 with ❤️: a → b for €5. C++ and C# here.\n',
  'Only c.md': 'the language c only\n',
  'Thai.md': 'ผมเรียนภาษาไทยทุกวัน ພາສາລາວ ភាសាខ្មែរ မြန်မာစာ हिन्दी か שָׁלוֹם\n',
  'Quotes.md': `It's a "quoted" word, back\\slash, a:b|c & d! (e) <-> f* 'g'\n`,
  'Fields/Alpha Beta.md': '---\ntags: [gamma]\n---\n# delta epsilon\n\nzeta eta\n',
  'Pictures/Tomatoes in a row.png': null,
  'Long/Words.md': `${manyWords} the end`,
  'Long/Same.md': `${sameWord}needle ${sameWord}`,
  'Long/Huge.md': `${'lorem ipsum dolor '.repeat(70_000)}haystack ${'x'.repeat(3_000)} afterwards`,
  'Tags.md': `${numbered('#many/t', 3_000).join(' ')}\n`,
  'Nul\u{FFFD}.md':
    '---\ntitle: "a\\0b"\n"k\\0y": 1\ntags: ["nul\\0tag"]\n---\n# head\0ing\n\nbefore\0after [[To\0]] [x](a%00b.md) \uD83D\n',
  'Case/ÉCOLE.md': 'lesson\n',
  'Case/under_score.md': 'lesson\n',
  'Case/underXscore.md': 'lesson\n',
  'Case/100%.md': 'lesson\n',
  'folder/In.md': 'inside\n',
  'folder-not/In.md': 'inside\n',
};

describe.each(providers)('search on $provider', ({ provider, answers }) => {
  if (!answers) {
    test.skip('the server does not answer');
    return;
  }
  let place: Place;
  let side: ReadSide;

  beforeAll(async () => {
    place = await createPlace(provider);
    side = createReadSide(place.database);
    await side.save(files);
  });
  afterAll(() => place.remove());

  test.each<[string, string[]]>([
    [
      'tomatoes',
      ['Garden.md', 'Notes/Body.md', 'Notes/Heading.md', 'Notes/Tomatoes.md', 'Pictures/Tomatoes in a row.png'],
    ],
    ['quick brown', ['Garden.md', 'Notes/Body.md']],
    ['"quick brown"', ['Garden.md']],
    ['"brown quick"', []],
    ['"the qui*"', ['Garden.md']],
    ['"the qui"*', ['Garden.md']],
    [
      'tomat*',
      ['Garden.md', 'Notes/Body.md', 'Notes/Heading.md', 'Notes/Tomatoes.md', 'Pictures/Tomatoes in a row.png'],
    ],
    ['tomat', []],
    ['tomatoes -brown', ['Notes/Heading.md', 'Notes/Tomatoes.md', 'Pictures/Tomatoes in a row.png']],
    [
      'tomatoes -"quick brown"',
      ['Notes/Body.md', 'Notes/Heading.md', 'Notes/Tomatoes.md', 'Pictures/Tomatoes in a row.png'],
    ],
    ['tomatoes -brown -row', ['Notes/Heading.md', 'Notes/Tomatoes.md']],
    ['path:notes -brown', ['Notes/Heading.md', 'Notes/Tomatoes.md']],
    ['yard', ['Garden.md']],
    ['"garden yard plot"', ['Garden.md']],
    ['yard fox', ['Garden.md']],
  ])('finds words, phrases and beginnings: %s', async (text, paths) => {
    expect((await side.find(text)).sort()).toEqual(paths);
  });

  test.each<[string, string[]]>([
    ['creme brulee', ['Café.md']],
    ['CRÈME ångstrom übermut', ['Café.md']],
    ['cafe', ['Café.md']],
    ['"cafe\u0301 creme"', ['Café.md']],
    ['οδυσσευς', ['Café.md']],
    ['find', ['Café.md']],
    ['東京', ['日本語/東京.md']],
    ['東京都', ['日本語/東京.md']],
    ['首', ['日本語/東京.md']],
    ['京東', []],
    ['日本の首都', ['日本語/東京.md']],
    ['"mixed 東京 word"', ['日本語/東京.md']],
    ['한국', ['日本語/東京.md']],
    ['국', ['日本語/東京.md']],
    ['strasse', ['Scripts.md']],
    ['STRASSE', ['Scripts.md']],
    ['Straße', ['Scripts.md']],
    ['"lodz sodertalje"', []],
    ['lodz', ['Scripts.md']],
    ['Łódź Ørsted', ['Scripts.md']],
    ['orsted dakovo isik', ['Scripts.md']],
    ['IŞIK', ['Scripts.md']],
    ['encyclopædia', ['Scripts.md']],
    ['encyclopaedia', ['Scripts.md']],
    ['hyphenation', ['Scripts.md']],
    ['zerowidth', ['Scripts.md']],
    ['🎉', ['Symbols.md']],
    ['👩‍💻', ['Symbols.md']],
    ['❤', ['Symbols.md']],
    ['❤️', ['Symbols.md']],
    ['→', ['Symbols.md']],
    ['€', ['Symbols.md']],
    ['€5', ['Symbols.md']],
    ['5€', []],
    ['C++', ['Symbols.md']],
    ['c++', ['Symbols.md']],
    ['C#', ['Symbols.md']],
    ['"c++ and c#"', ['Symbols.md']],
    ['c only', ['Only c.md']],
    ['ภาษาไทย', ['Thai.md']],
    ['ไทย', ['Thai.md']],
    ['ไทยภา', []],
    ['ລາວ', ['Thai.md']],
    ['ខ្មែរ', ['Thai.md']],
    ['မြန်မာ', ['Thai.md']],
    ['हिन्दी', ['Thai.md']],
    ['か', ['Thai.md']],
    ['שלום', ['Thai.md']],
  ])('finds accents and scripts without spaces: %s', async (text, paths) => {
    expect((await side.find(text)).sort()).toEqual(paths);
  });

  test.each<[string, string[]]>([
    [`it's`, ['Quotes.md']],
    [`'g'`, ['Quotes.md']],
    ['back\\slash', ['Quotes.md']],
    [`\\' quoted`, ['Quotes.md']],
    ['a:b|c', ['Quotes.md']],
    ['"c d e f"', ['Quotes.md']],
    [`') & ('nowhere`, []],
    [`quoted:* !word`, ['Quotes.md']],
  ])('takes signs for what they are: %s', async (text, paths) => {
    expect((await side.find(text)).sort()).toEqual(paths);
  });

  test('keeps a phrase within the title, the headings, the tags or the text', async () => {
    for (const phrase of ['"alpha beta"', '"delta epsilon"', '"zeta eta"', 'alpha delta gamma eta']) {
      expect(await side.find(phrase)).toEqual(['Fields/Alpha Beta.md']);
    }
    for (const phrase of ['"beta delta"', '"epsilon gamma"', '"gamma tags"', '"eta alpha"']) {
      expect(await side.find(phrase)).toEqual([]);
    }
  });

  test('finds every word and phrase of a note of any length', async () => {
    for (const at of [0, 1, 16_200, 16_383, 16_384, 32_766, 59_998]) {
      expect(await side.find(`w${at}`)).toEqual(['Long/Words.md']);
      expect(await side.find(`"w${at} w${at + 1}"`)).toEqual(['Long/Words.md']);
      expect(await side.find(`"w${at + 1} w${at}"`)).toEqual([]);
    }
    expect(await side.find('w0 w30000 w59999 end -needle')).toEqual(['Long/Words.md']);
    expect(await side.find('w0 w30000 w59999 end -w45000')).toEqual([]);
    expect(await side.find('"w59999 the e*"')).toEqual(['Long/Words.md']);
    const long = numbered('w', 30_000).slice(-250);
    expect(await side.find(`"${long.join(' ')}"`)).toEqual(['Long/Words.md']);
    expect(await side.find(`"${[...long.slice(0, 200), 'needle', ...long.slice(200)].join(' ')}"`)).toEqual([]);
    expect(await side.find('haystack')).toEqual(['Long/Huge.md']);
    expect(await side.find('"dolor haystack"')).toEqual(['Long/Huge.md']);
    expect(await side.find('"haystack xxx*" afterwards')).toEqual(['Long/Huge.md']);
    expect(await side.find('"dolor afterwards"')).toEqual([]);
  });

  test('finds phrases among a word that comes again and again', async () => {
    for (const phrase of ['filler needle', 'needle filler', 'filler needle filler', `${'filler '.repeat(100)}needle`]) {
      expect(await side.find(`"${phrase}"`)).toEqual(['Long/Same.md']);
    }
    expect(await side.find('"needle needle"')).toEqual([]);
    expect(await side.find(`"needle ${'filler '.repeat(100)}needle"`)).toEqual([]);
  });

  test('finds a note with thousands of tags by each', async () => {
    expect(await side.find('tag:many/t2999')).toEqual(['Tags.md']);
    expect(await side.find('tag:many t1234')).toEqual(['Tags.md']);
    expect(await side.find('tag:many/t3000')).toEqual([]);
  });

  test.each<[string, string[]]>([
    ['tag:food', ['Notes/Body.md', 'Notes/Tomatoes.md']],
    ['tag:#FOOD/red', ['Notes/Tomatoes.md']],
    ['tag:foo', []],
    ['tag:food tomatoes -fruit', ['Notes/Body.md']],
    ['tag:food -fruit', ['Notes/Body.md']],
    ['path:école', ['Case/ÉCOLE.md']],
    ['path:E\u0301cole', ['Case/ÉCOLE.md']],
    ['path:CASE/under_', ['Case/under_score.md']],
    ['path:100%', ['Case/100%.md']],
    ['path:"日本語/"', ['日本語/東京.md']],
    ['path:case lesson path:score', ['Case/underXscore.md', 'Case/under_score.md']],
  ])('filters: %s', async (text, paths) => {
    expect((await side.find(text)).sort()).toEqual(paths);
  });

  test.each<[string, string[]]>([
    ['tomatoes -path:notes', ['Garden.md', 'Pictures/Tomatoes in a row.png']],
    [
      'tomatoes -path:"notes/b"',
      ['Garden.md', 'Notes/Heading.md', 'Notes/Tomatoes.md', 'Pictures/Tomatoes in a row.png'],
    ],
    ['tomatoes -PATH:notes -Path:pictures', ['Garden.md']],
    ['-path:/ -path:s -path:only', ['Café.md', 'Garden.md', 'Nul\u{FFFD}.md', 'Thai.md']],
    ['-tomatoes -tag:many path:notes', []],
    ['quick -tag:project', ['Notes/Body.md']],
    ['quick -tag:#food -tag:gamma', ['Garden.md']],
    ['path:notes -tag:food/red', ['Notes/Body.md', 'Notes/Heading.md']],
    ['path:notes -tag:"food"', ['Notes/Heading.md']],
    ['TAG:food', ['Notes/Body.md', 'Notes/Tomatoes.md']],
    ['-tag:food path:notes -brown', ['Notes/Heading.md']],
    ['fruit OR fox', ['Garden.md', 'Notes/Tomatoes.md']],
    ['fruit OR quick brown', ['Garden.md', 'Notes/Body.md', 'Notes/Tomatoes.md']],
    ['(fruit OR quick) -fox', ['Notes/Body.md', 'Notes/Tomatoes.md']],
    ['tomatoes -(fruit OR brown) -row', ['Notes/Heading.md']],
    ['tomatoes -(brown quick)', ['Notes/Heading.md', 'Notes/Tomatoes.md', 'Pictures/Tomatoes in a row.png']],
    ['fox OR tag:food', ['Garden.md', 'Notes/Body.md', 'Notes/Tomatoes.md']],
    [
      'fox OR (path:/ -path:notes -path:case -path:long -path:folder -path:fields)',
      ['Garden.md', 'Pictures/Tomatoes in a row.png', '日本語/東京.md'],
    ],
    ['(fox OR fruit) (tag:food OR tag:gamma)', ['Notes/Tomatoes.md']],
    ['file:tomatoes', ['Notes/Tomatoes.md', 'Pictures/Tomatoes in a row.png']],
    ['file:notes', []],
    ['file:"in a row"', ['Pictures/Tomatoes in a row.png']],
    ['path:(notes OR pictures) tomatoes -file:tomatoes', ['Notes/Body.md', 'Notes/Heading.md']],
    ['file:(body OR heading)', ['Notes/Body.md', 'Notes/Heading.md']],
    ['content:fox', ['Garden.md']],
    ['"a phrase" OR "red fruit"', ['Notes/Tomatoes.md']],
    ['fox or fruit', []],
    ['((fox)', ['Garden.md']],
    ['fox)', ['Garden.md']],
    ['--fox tag:project', []],
  ])('conditions: %s', async (text, paths) => {
    expect((await side.find(text)).sort()).toEqual(paths);
  });

  test.each([
    ['line:(fox dog)', 'line:'],
    ['fox LINE:dog', 'line:'],
    ['block:(a b)', 'block:'],
    ['section:(a b)', 'section:'],
    ['task:buy', 'task:'],
    ['-task-todo:buy', 'task-todo:'],
    ['match-case:Fox', 'match-case:'],
    ['(fox OR ignore-case:Fox)', 'ignore-case:'],
    ['[status:done] fox', '[status:done]'],
    ['/fo+x/', '/fo+x/'],
  ])('names what it does not support: %s', (text, named) => {
    expect(() => readQuery(text)).toThrow(expect.objectContaining({ code: 'query-unsupported' }));
    expect(() => readQuery(text)).toThrow(named);
  });

  test.each([
    '',
    '  ',
    '-',
    '-fox',
    '-(fox OR fruit)',
    '-fox -"red fruit"',
    'OR',
    '()',
    '( OR )',
    '""',
    '!!',
    'tag:',
    'path:""',
  ])('has nothing to look for: %j', (text) => {
    expect(() => readQuery(text)).toThrow(expect.objectContaining({ code: 'query-empty' }));
  });

  test('refuses parentheses that nest too deep', () => {
    expect(() => readQuery(`${'('.repeat(1_000)}fox`)).toThrow(expect.objectContaining({ code: 'query-invalid' }));
  });

  test('filters by folder', async () => {
    expect(await side.find('inside', 'folder')).toEqual(['folder/In.md']);
    expect(await side.find('inside', 'Folder')).toEqual([]);
    expect((await side.find('inside', '')).length).toBe(2);
  });

  test('finds a note with NUL characters by the words beside them', async () => {
    for (const text of ['"before after"', 'before\0after', 'ing', '"head ing"', 'tag:"nul\0tag"', 'path:nul\0']) {
      expect(await side.find(text), text).toEqual(['Nul\u{FFFD}.md']);
    }
    const [found] = (await side.search.find(readQuery('before'), '', 0, 1)).found;
    expect(found?.content).toContain('before\u{FFFD}after');
    expect((await side.graph.links('Nul\u{FFFD}.md', 0, 9)).map(({ link }) => link)).toEqual([
      'To\u{FFFD}',
      'a\u{FFFD}b.md',
    ]);
    const row = await place.database.read.get<{ frontmatter: string }>(
      'SELECT frontmatter FROM note WHERE path = ?',
      'Nul\u{FFFD}.md',
    );
    expect(JSON.parse(row?.frontmatter ?? '')).toEqual({
      title: 'a\u{FFFD}b',
      'k\u{FFFD}y': 1,
      tags: ['nul\u{FFFD}tag'],
    });
  });

  test('puts titles before headings before text', async () => {
    const found = await side.find('tomatoes');
    expect(found.slice(0, 2).sort()).toEqual(['Notes/Tomatoes.md', 'Pictures/Tomatoes in a row.png']);
    expect(found[2]).toBe('Notes/Heading.md');
  });

  test('orders notes of equal rank by path, and pages through them', async () => {
    const paths = ['Case/100%.md', 'Case/underXscore.md', 'Case/under_score.md', 'Case/ÉCOLE.md'];
    expect(await side.find('tag:food')).toEqual(['Notes/Body.md', 'Notes/Tomatoes.md']);
    expect(await side.find('path:case')).toEqual(paths);
    const pages = await Promise.all(
      [0, 1, 2, 3, 4].map((offset) => side.search.find(readQuery('lesson'), '', offset, 1)),
    );
    expect(pages.map(({ total }) => total)).toEqual([4, 4, 4, 4, 4]);
    expect(pages.flatMap(({ found }) => found.map(({ path }) => path))).toEqual(await side.find('lesson'));
  });

  test('finds what a note says now, and nothing of what it said', async () => {
    await side.save({ 'Changing.md': 'firstword stays', 'Leaving.md': 'leavingword' });
    await side.save({ 'Changing.md': 'secondword stays' }, 2);
    await side.remove(['Leaving.md']);
    expect(await side.find('firstword')).toEqual([]);
    expect(await side.find('secondword stays')).toEqual(['Changing.md']);
    expect(await side.find('leavingword')).toEqual([]);
  });
});

describe.each(providers)('an emptied index on $provider', ({ provider, answers }) => {
  test.skipIf(!answers)('finds nothing, and what is indexed afterwards', async () => {
    const place = await createPlace(provider);
    try {
      const side = createReadSide(place.database);
      await side.save({ 'A.md': 'word [[B]] #tag', 'B.md': '# word' });
      await place.database.transaction((sql) => side.notes.clear(sql));
      expect(await side.find('word')).toEqual([]);
      expect(await side.notes.count()).toBe(0);
      await side.save({ 'A.md': 'word [[B]] #tag', 'B.md': '# word' });
      expect((await side.find('word')).sort()).toEqual(['A.md', 'B.md']);
      expect(await side.targets('A.md')).toEqual(['B.md']);
    } finally {
      await place.remove();
    }
  });
});
