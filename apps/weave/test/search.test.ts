import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { encodePath, startSystem, type TestSystem, until } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';

let system: TestSystem;
const query = async (text: string) => (await system.call(`/v1/search?${text}`)).json;

beforeAll(async () => {
  system = await startSystem({
    definitions: services,
    files: {
      'Garden.md':
        '---\ntags: [project/home]\naliases: [Yard]\n---\n# Beds\n\nTomatoes and peas grow. The quick brown fox.\n',
      'Notes/Tomatoes.md': 'About a red fruit, by the gardener. #food/red\n',
      'Notes/Heading.md': '# All about tomatoes\n\nNothing else.\n',
      'Notes/Body.md': 'In the body only: tomatoes, brown and quick.\n',
      'Café.md': 'Crème brûlée, naïve Ångström. ÜBERMUT.\n',
      '日本語/東京.md': '東京都は日本の首都です。京都ではない。\n',
      'Escape.md': 'A <script>alert("needle")</script> & more\n',
      'Long.md': `${'filler '.repeat(500)}needleword ${'filler '.repeat(500)}`,
    },
  });
  await system.settled();
});
afterAll(() => system.stop());

describe('searching', () => {
  test('puts titles before headings before text', async () => {
    const [first, second, ...others] = await system.search('tomatoes');
    expect([first, second]).toEqual(['Notes/Tomatoes.md', 'Notes/Heading.md']);
    expect(others.sort()).toEqual(['Garden.md', 'Notes/Body.md']);
  });

  test.each([
    ['quick brown', ['Garden.md', 'Notes/Body.md']],
    ['"quick brown"', ['Garden.md']],
    ['"quick brown', ['Garden.md']],
    ['tomat*', ['Garden.md', 'Notes/Body.md', 'Notes/Heading.md', 'Notes/Tomatoes.md']],
    ['tomat', []],
    ['tomatoes -brown', ['Notes/Heading.md', 'Notes/Tomatoes.md']],
    ['tomatoes path:notes', ['Notes/Body.md', 'Notes/Heading.md', 'Notes/Tomatoes.md']],
    ['tag:project', ['Garden.md']],
    ['tag:#project/home peas', ['Garden.md']],
    ['tag:proj', []],
    ['tag:food/red', ['Notes/Tomatoes.md']],
    ['yard', ['Garden.md']],
    ['creme brulee', ['Café.md']],
    ['CRÈME ångstrom übermut', ['Café.md']],
    ['cafe', ['Café.md']],
    ['東京', ['日本語/東京.md']],
    ['東京都', ['日本語/東京.md']],
    ['首', ['日本語/東京.md']],
    ['京東', []],
    ['日本の首都', ['日本語/東京.md']],
    ['path:"日本語/"', ['日本語/東京.md']],
    ['"', null],
    ['-tomatoes', null],
    ['xyzzy OR plugh', []],
    ['peas OR (fruit gardener)', ['Garden.md', 'Notes/Tomatoes.md']],
    ['-path:notes tomatoes', ['Garden.md']],
    ['-path:notes -tag:project -path:c', ['Long.md', '日本語/東京.md']],
    ["it's 'quoted", []],
  ])('for %s finds what it should', async (text, paths) => {
    const answer = await system.call(`/v1/search?q=${encodeURIComponent(text)}`);
    if (paths === null) {
      expect(answer.json).toMatchObject({ status: 400, code: 'query-empty' });
    } else {
      expect(answer.json.items.map(({ path }: { path: string }) => path).sort()).toEqual(paths);
      expect(answer.json.total).toBe(paths.length);
    }
  });

  test('shows where the words stand, marked and escaped', async () => {
    const [hit] = (await query('q=needle')).items;
    expect(hit.snippet).toBe('A &lt;script&gt;alert(&quot;<mark>needle</mark>&quot;)&lt;/script&gt; &amp; more');
    expect(hit.matches).toEqual([{ line: 1, start: 17, end: 23 }]);
    const [long] = (await query('q=needleword')).items;
    expect(long.snippet).toMatch(/^….*<mark>needleword<\/mark>.*…$/);
    expect(long.snippet.length).toBeLessThan(400);
    const [phrase] = (await query('q=%22quick+brown%22')).items;
    expect(phrase.snippet).toContain('<mark>quick brown</mark>');
    const [accents] = (await query('q=brulee')).items;
    expect(accents.snippet).toContain('<mark>brûlée</mark>');
    const [cjk] = (await query(`q=${encodeURIComponent('首都')}`)).items;
    expect(cjk.snippet).toContain('<mark>首都</mark>');
  });

  test('can be narrowed to a folder and a tag, and goes page by page', async () => {
    expect((await query('q=tomatoes&folder=Notes')).total).toBe(3);
    expect((await query('q=tomatoes&folder=Notes&tag=food')).items).toHaveLength(1);
    const first = await query('q=tomatoes&limit=3');
    expect(first.items).toHaveLength(3);
    const second = await query(`q=tomatoes&limit=3&cursor=${first.nextCursor}`);
    expect(second.items).toHaveLength(1);
    expect(second.nextCursor).toBeNull();
  });

  test('refuses what it cannot do, saying so', async () => {
    expect(await query(`q=${'x'.repeat(10_000)}`)).toMatchObject({ status: 400 });
    expect(await query('q=x&mode=semantic')).toMatchObject({ status: 400, code: 'search-mode-unavailable' });
    expect(await query('')).toMatchObject({ status: 400 });
    expect(await query(`q=${Array.from({ length: 100 }, (_, i) => `w${i}`).join('+')}`)).toMatchObject({
      code: 'query-too-long',
    });
  });

  test('says how far the index is behind', async () => {
    expect((await system.call('/v1/search?q=x')).headers.get('x-index-lag')).toMatch(/^\d+$/);
  });
});

describe('the link graph', () => {
  const graph = async (path: string) => (await system.call(`/v1/graph/${path}`)).json;
  const save = (path: string, text: string) => writeFileSync(join(system.vault, path), text);

  test('knows links both ways, and resolves them when the note appears', async () => {
    await system.put('Links/One.md', 'To [[Two|second]], [[Garden#Beds]], ![[Two#^b]] and [x](https://example.org)\n');
    await system.settled();
    expect((await graph('links/Links/One.md')).items).toMatchObject([
      { source: 'Links/One.md', target: null, link: 'Two', alias: 'second', line: 1, embed: false },
      { target: 'Garden.md', subpath: '#Beds' },
      { target: null, link: 'Two', subpath: '#^b', embed: true },
    ]);
    expect((await graph('unresolved')).items).toContainEqual({ link: 'Two', count: 2, sources: ['Links/One.md'] });
    save('Two.md', 'now here\n');
    await until('resolved', async () => (await graph('backlinks/Two.md')).items?.length === 2);
    expect((await graph('unresolved')).items).toEqual([]);
    await system.call('/v1/files/Two.md', { method: 'DELETE' });
    await until('unresolved again', async () => (await graph('unresolved')).items.length === 1);
  });

  test('prefers the note that Obsidian would, also when a nearer one comes or goes', async () => {
    await system.put('Deep/Er/Name.md', 'deep\n');
    await system.put('Linker.md', '[[Name]]\n');
    await system.settled();
    expect((await graph('links/Linker.md')).items[0].target).toBe('Deep/Er/Name.md');
    await system.put('Name.md', 'root\n');
    await system.settled();
    expect((await graph('links/Linker.md')).items[0].target).toBe('Name.md');
    rmSync(join(system.vault, 'Name.md'));
    await until('back', async () => (await graph('links/Linker.md')).items[0].target === 'Deep/Er/Name.md');
  });

  test('gives neighbourhoods and orphans', async () => {
    await system.put('Chain/1.md', '[[Chain/2]]\n');
    await system.put('Chain/2.md', '[[Chain/3]]\n');
    await system.put('Chain/3.md', 'end\n');
    await system.settled();
    const near = await graph('neighbourhood/Chain/1.md');
    expect(near.nodes).toEqual([
      { path: 'Chain/1.md', distance: 0 },
      { path: 'Chain/2.md', distance: 1 },
    ]);
    const far = await graph('neighbourhood/Chain/3.md?depth=2');
    expect(far.nodes.map(({ path }: { path: string }) => path)).toEqual(['Chain/3.md', 'Chain/2.md', 'Chain/1.md']);
    expect(far.edges).toHaveLength(2);
    const orphans = (await graph('orphans?limit=1000')).items.map(({ path }: { path: string }) => path);
    expect(orphans).toContain('Café.md');
    expect(orphans).not.toContain('Chain/3.md');
    const page = await graph('orphans?limit=1');
    expect((await graph(`orphans?limit=1&cursor=${page.nextCursor}`)).items[0].path).toBe(orphans[1]);
  });

  test('counts tags', async () => {
    const { items } = (await system.call('/v1/tags')).json;
    expect(items).toContainEqual({ tag: 'project/home', count: 1 });
    expect(items).toContainEqual({ tag: 'food/red', count: 1 });
  });

  test('says of a file that it does not know that it does not', async () => {
    expect(await graph('backlinks/Nowhere.md')).toMatchObject({ status: 404, code: 'note-not-found' });
    expect(await graph(`links/${encodePath('../x')}`)).toMatchObject({ status: 404 });
    expect(await graph('links/..%2Fx')).toMatchObject({ status: 400, code: 'path-outside-vault' });
    expect(await graph('neighbourhood/Chain/1.md?depth=9')).toMatchObject({ status: 400 });
  });
});

describe('a rebuild', () => {
  test('makes the index that the events made, row for row', async () => {
    await system.post('/v1/files:move', { from: 'Chain/2.md', to: 'Chain/two.md' });
    await system.put('Garden.md', '# Beds\n\nOther words. [[Links/One]] #new\n');
    await system.settled();
    const before = await dump();
    const { json: started } = await system.call('/v1/system/rebuild', { method: 'POST' });
    const job = async () => (await system.call(`/v1/jobs/${started.id}`)).json;
    await until('the rebuild has ended', async () => (await job()).endedAt !== null);
    expect(await job()).toMatchObject({ state: 'succeeded', error: null });
    expect(await dump()).toEqual(before);
  });
});

/** Everything that the index is made of, without the ids of rows. */
async function dump(): Promise<unknown> {
  const database = await system.openDatabase('mcp-sync');
  const all = (text: string) => database.read.all(text);
  try {
    return {
      notes: await all(
        `SELECT path, link_key, title, is_note, hash, sequence, size, mtime, frontmatter, headings, content, warning
         FROM note ORDER BY path`,
      ),
      links: await all(
        `SELECT path, ordinal, link, link.link_key, subpath, alias, embed, line, target_path
         FROM link JOIN note ON note.id = note_id ORDER BY path, ordinal`,
      ),
      tags: await all('SELECT path, tag_key, tag FROM tag JOIN note ON note.id = note_id ORDER BY path, tag_key'),
      words: system.shape === 'embedded' ? dumpWords(join(system.data, 'mcp-sync.db')) : await all(VECTORS),
    };
  } finally {
    await database.close();
  }
}

const VECTORS = `SELECT path, ordinal, CAST(vector AS TEXT) AS vector
  FROM note_text_segment JOIN note ON note.id = note_id ORDER BY path, ordinal`;

function dumpWords(file: string): unknown {
  const database = new DatabaseSync(file);
  try {
    database.exec(`CREATE VIRTUAL TABLE temp.words USING fts5vocab(main, 'note_text', 'instance')`);
    const text = `SELECT term, path, col, "offset" FROM temp.words JOIN note ON note.id = doc
      ORDER BY term, path, col, "offset"`;
    return database.prepare(text).all();
  } finally {
    database.close();
  }
}
