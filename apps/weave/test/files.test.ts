import { chmodSync, existsSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Database } from '@weave-nn/database';
import { startSystem, type TestSystem } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';

let system: TestSystem;
const onDisk = (path: string) => readFileSync(join(system.vault, path), 'utf8');

beforeAll(async () => {
  const many = Object.fromEntries(Array.from({ length: 25 }, (_, index) => [`Many/${index}.md`, `note ${index}\n`]));
  system = await startSystem({
    definitions: services,
    files: {
      'A.md':
        '---\nstatus: open # kept\ntags: [one, two/three]\n---\n# Title\n\nTo [[B]] and #inline.\n\nSome text ^here\n',
      'B.md': '# B\r\n\r\n## Log\r\n\r\nfirst\r\n\r\n## End\r\nno newline at the end',
      'Folder/C.md': 'See [[A|the first]], [[Folder/D#Part]] and ![[A#Title]].\n',
      'Folder/D.md': '# Part\n\n[back](../A.md) and [out](https://example.org/A.md)\n',
      'picture.png': Uint8Array.from({ length: 1000 }, (_, index) => index % 256),
      '.hidden/secret.md': 'secret\n',
      'Names/a (1).md': '',
      'Names/a1.md': '',
      'Names/[x] é.md': '',
      'Names/!b.md': '',
      'Names/Cafe\u0301/1.md': '',
      ...many,
    },
  });
});
afterAll(() => system.stop());

describe('listing', () => {
  test('names every file with size, time, ETag and type, and no hidden one', async () => {
    const { json } = await system.call('/v1/files?limit=1000');
    expect(json.nextCursor).toBeNull();
    const paths = json.items.map(({ path }: { path: string }) => path);
    expect(paths).toEqual([...paths].sort());
    expect(paths).toContain('Folder/C.md');
    expect(paths.some((path: string) => path.includes('hidden'))).toBe(false);
    const picture = json.items.find(({ path }: { path: string }) => path === 'picture.png');
    expect(picture).toMatchObject({ size: 1000, contentType: 'image/png' });
    expect(picture.etag).toMatch(/^"[0-9a-f]{64}"$/);
    expect(new Date(picture.mtime).getTime()).toBeGreaterThan(0);
  });

  test('goes through folders and globs page by page', async () => {
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: string = cursor ? `&cursor=${cursor}` : '';
      const { json } = await system.call(
        `/v1/files?folder=Many&glob=${encodeURIComponent('**/1*.md')}&limit=4${query}`,
      );
      seen.push(...json.items.map(({ path }: { path: string }) => path));
      cursor = json.nextCursor;
    }
    expect(seen.sort()).toEqual(['Many/1.md', ...Array.from({ length: 10 }, (_, index) => `Many/1${index}.md`)].sort());
  });

  test.each<[string, string[]]>([
    ['folder=Names', ['Names/a (1).md', 'Names/a1.md', 'Names/[x] é.md', 'Names/!b.md', 'Names/Cafe\u0301/1.md']],
    ['folder=/Names/', ['Names/a (1).md', 'Names/a1.md', 'Names/[x] é.md', 'Names/!b.md', 'Names/Cafe\u0301/1.md']],
    ['folder=Names/Café', ['Names/Cafe\u0301/1.md']],
    ['folder=Names/Cafe\u0301', ['Names/Cafe\u0301/1.md']],
    ['folder=Nam', []],
    ['folder=/Names/a', []],
    ['glob=/Names/*1*', ['Names/a (1).md', 'Names/a1.md']],
    ['glob=./Names/*1*', ['Names/a (1).md', 'Names/a1.md']],
    ['glob=Names/*(1)*', ['Names/a (1).md']],
    ['glob=Names/*\\(1\\)*', ['Names/a (1).md']],
    ['glob=Names/\\[x\\]*', ['Names/[x] é.md']],
    ['glob=Names/*e\u0301.md', ['Names/[x] é.md']],
    ['glob=Names/Café/*', ['Names/Cafe\u0301/1.md']],
    ['glob=Names/!b*', ['Names/!b.md']],
    ['glob=!Names/b*', []],
    ['glob=Names/{a1,!b}.md', ['Names/a1.md', 'Names/!b.md']],
    ['folder=Names&glob=**/1.md', ['Names/Cafe\u0301/1.md']],
  ])('%s', async (query, expected) => {
    const [list] = [await system.call(`/v1/files?${encodeURI(query)}`)];
    const paths = list.json.items.map(({ path }: { path: string }) => path);
    expect(paths.toSorted()).toEqual(expected.toSorted());
  });

  test('refuses wrong questions with the field', async () => {
    for (const query of ['limit=0', 'limit=abc', 'limit=1001', 'unknown=1']) {
      const answer = await system.call(`/v1/files?${query}`);
      expect(answer.status).toBe(400);
      expect(answer.json.errors[0].field).toBe(`querystring.${query.split('=')[0]}`);
    }
    expect((await system.call('/v1/files?cursor=%21%21')).json.code).toBe('cursor-invalid');
  });
});

describe('reading', () => {
  test('gives the raw bytes with an ETag, or nothing when the caller has them', async () => {
    const answer = await system.call('/v1/files/A.md');
    expect(answer.text).toBe(onDisk('A.md'));
    expect(answer.headers.get('content-type')).toBe('text/markdown; charset=utf-8');
    const etag = answer.headers.get('etag') ?? '';
    const again = await system.call('/v1/files/A.md', { headers: { 'if-none-match': etag } });
    expect(again.status).toBe(304);
    expect(again.text).toBe('');
  });

  test('gives what was found in a note, as JSON', async () => {
    const { json } = await system.call('/v1/files/A.md', { headers: { accept: 'application/json' } });
    expect(json).toMatchObject({
      path: 'A.md',
      frontmatter: { status: 'open', tags: ['one', 'two/three'] },
      tags: ['one', 'two/three', 'inline'],
      warnings: [],
    });
    expect(json.headings).toMatchObject([{ level: 1, text: 'Title', line: 5 }]);
    expect(json.links).toMatchObject([{ kind: 'wiki', target: 'B', line: 7 }]);
    expect(json.blocks).toMatchObject([{ id: 'here' }]);
    expect(json.content).toBe(onDisk('A.md'));
  });

  test('gives parts of attachments', async () => {
    const part = await system.call('/v1/files/picture.png', { headers: { range: 'bytes=10-19' } });
    expect(part.status).toBe(206);
    expect(part.headers.get('content-range')).toBe('bytes 10-19/1000');
    expect(Buffer.from(part.text, 'latin1').length).toBe(10);
    const tail = await system.call('/v1/files/picture.png', { headers: { range: 'bytes=-5' } });
    expect(tail.headers.get('content-range')).toBe('bytes 995-999/1000');
    const outside = await system.call('/v1/files/picture.png', { headers: { range: 'bytes=2000-' } });
    expect(outside.status).toBe(416);
    expect(outside.headers.get('content-range')).toBe('bytes */1000');
    const stale = await system.call('/v1/files/picture.png', {
      headers: { range: 'bytes=0-1', 'if-range': '"other"' },
    });
    expect(stale.status).toBe(200);
  });

  test('answers HEAD like GET without the body', async () => {
    const head = await system.call('/v1/files/picture.png', { method: 'HEAD' });
    expect(head.status).toBe(200);
    expect(head.headers.get('content-length')).toBe('1000');
  });

  test('says of missing files and folders what they are', async () => {
    expect((await system.call('/v1/files/No.md')).json).toMatchObject({ status: 404, code: 'file-not-found' });
    expect((await system.call('/v1/files/Folder')).json).toMatchObject({ status: 409, code: 'path-is-folder' });
  });
});

describe('writing', () => {
  test('creates with 201, replaces with 200, and changes nothing when the content is the same', async () => {
    const created = await system.put('New/deep/note ä 日本.md', 'one\n');
    expect(created.status).toBe(201);
    expect(created.json).toMatchObject({ change: 'created', size: 4, sequence: 1 });
    expect(onDisk('New/deep/note ä 日本.md')).toBe('one\n');
    const replaced = await system.put('New/deep/note ä 日本.md', 'two\n');
    expect(replaced.status).toBe(200);
    expect(replaced.json).toMatchObject({ change: 'updated', sequence: 2 });
    const same = await system.put('New/deep/note ä 日本.md', 'two\n');
    expect(same.json).toMatchObject({ change: 'unchanged', sequence: 2 });
    expect(same.headers.get('etag')).toBe(replaced.headers.get('etag'));
  });

  test('honours If-Match and If-None-Match', async () => {
    const { headers } = await system.put('Conditional.md', 'one\n');
    const etag = headers.get('etag') ?? '';
    expect((await system.put('Conditional.md', 'x', { 'if-none-match': '*' })).status).toBe(412);
    expect((await system.put('Conditional.md', 'x', { 'if-match': '"stale"' })).json.code).toBe('precondition-failed');
    expect((await system.put('Missing.md', 'x', { 'if-match': '*' })).status).toBe(412);
    expect(onDisk('Conditional.md')).toBe('one\n');
    expect((await system.put('Conditional.md', 'two\n', { 'if-match': `"other", ${etag}` })).status).toBe(200);
    expect((await system.put('Missing.md', 'x', { 'if-none-match': '*' })).status).toBe(201);
  });

  test('keeps the file mode and takes bytes of any type', async () => {
    chmodSync(join(system.vault, 'picture.png'), 0o640);
    const bytes = Uint8Array.from([0, 255, 13, 10, 200]);
    await system.put('picture.png', bytes, { 'content-type': 'application/json' });
    expect(readFileSync(join(system.vault, 'picture.png'))).toEqual(Buffer.from(bytes));
    expect(statSync(join(system.vault, 'picture.png')).mode & 0o777).toBe(0o640);
    expect((await system.put('Empty.md', '')).json).toMatchObject({ change: 'created', size: 0 });
  });

  test('appends, creating what is missing', async () => {
    await system.call('/v1/files/Log.md', { method: 'POST', body: 'one\n' });
    const answer = await system.call('/v1/files/Log.md', { method: 'POST', body: 'two\n' });
    expect(answer.status).toBe(200);
    expect(onDisk('Log.md')).toBe('one\ntwo\n');
  });

  test('does a repeated POST once when it carries the same Idempotency-Key', async () => {
    const post = (body: string) =>
      system.call('/v1/files/Once.md', { method: 'POST', body, headers: { 'idempotency-key': 'k1' } });
    const [first, second] = await Promise.all([post('line\n'), post('line\n')]);
    expect(first.text).toBe(second.text);
    expect((await post('line\n')).json.sequence).toBe(first.json.sequence);
    expect(onDisk('Once.md')).toBe('line\n');
    expect((await post('other\n')).json).toMatchObject({ status: 422, code: 'idempotency-key-reused' });
  });

  test('leaves no temporary files behind', async () => {
    system = await system.restart();
    expect(
      readdirSync(system.vault, { recursive: true }).filter((name) => String(name).includes('.weave-tmp')),
    ).toEqual([]);
  });
});

describe('editing a part', () => {
  const patch = (path: string, body: unknown, headers = {}) =>
    system.call(`/v1/files/${path}`, {
      method: 'PATCH',
      headers: { 'content-type': 'application/json', ...headers },
      body: JSON.stringify(body),
    });

  test('changes one section and no other byte, line ends included', async () => {
    await patch('B.md', { target: { heading: 'Log' }, operation: 'append', content: 'second' });
    expect(onDisk('B.md')).toBe('# B\r\n\r\n## Log\r\n\r\nfirst\r\nsecond\r\n\r\n## End\r\nno newline at the end');
  });

  test('changes one frontmatter key and keeps comments', async () => {
    await patch('A.md', { target: { frontmatter: 'status' }, operation: 'replace', content: 'done' });
    expect(onDisk('A.md')).toContain('status: done # kept\ntags: [one, two/three]\n');
    await patch('A.md', { target: { block: 'here' }, operation: 'replace', content: 'Other text' });
    expect(onDisk('A.md')).toContain('Other text ^here\n');
  });

  test('keeps every number exactly or refuses it', async () => {
    await system.put('Number.md', '---\nid: 9007199254740993\nlist: [1]\n---\n');
    const send = (method: 'PATCH' | 'POST', path: string, body: string) =>
      system.call(path, { method, body, headers: { 'content-type': 'application/json' } });
    const edit = (number: string) =>
      `{"target": {"frontmatter": "list"}, "operation": "append", "content": [{"n": ${number}}]}`;
    const inexact = ['9007199254740993', '-12345678901234567890', '0.12345678901234567891', '1e400', '1e-400'];
    for (const number of inexact) {
      const refused = await send('PATCH', '/v1/files/Number.md', edit(number));
      expect(refused.json).toMatchObject({ status: 400, code: 'number-inexact' });
      expect(refused.json.detail).toContain(number);
      const operations = `{"operations": [{"op": "edit", "path": "Number.md", "edit": ${edit(number)}}]}`;
      expect((await send('POST', '/v1/files:batch', operations)).json).toMatchObject({ code: 'number-inexact' });
    }
    expect(onDisk('Number.md')).toBe('---\nid: 9007199254740993\nlist: [1]\n---\n');
    for (const number of ['9007199254740992', '-1.5e3', '0.1', '1.10', '0', '"9007199254740993"']) {
      expect((await send('PATCH', '/v1/files/Number.md', edit(number))).status).toBe(200);
    }
    expect(onDisk('Number.md')).toBe(
      '---\nid: 9007199254740993\nlist: [1, {n: 9007199254740992}, {n: -1500}, {n: 0.1}, {n: 1.1}, {n: 0}, {n: "9007199254740993"}]\n---\n',
    );
    expect((await send('PATCH', '/v1/files/Number.md', '{"target": 1')).json).toMatchObject({ code: 'body-not-json' });
    expect((await send('PATCH', '/v1/files/Number.md', '')).json).toMatchObject({ status: 400 });
  });

  test('says what it cannot find and refuses what it does not know', async () => {
    const missing = await patch('A.md', { target: { heading: 'Nowhere' }, operation: 'append', content: 'x' });
    expect(missing.json).toMatchObject({ status: 404, code: 'section-not-found' });
    const unknown = await patch('A.md', { target: { heading: 'Title' }, operation: 'append', content: 'x', extra: 1 });
    expect(unknown.json).toMatchObject({ status: 400, errors: [{ field: 'body.extra' }] });
    const type = await patch('A.md', { target: { heading: 'Title' }, operation: 'append', content: 5 });
    expect(type.json).toMatchObject({ status: 400, code: 'edit-content-invalid' });
    expect((await patch('picture.png', { target: { heading: 'x' }, operation: 'append', content: 'x' })).status).toBe(
      422,
    );
    expect((await patch('No.md', { target: { heading: 'x' }, operation: 'append', content: 'x' })).status).toBe(404);
  });
});

describe('deleting', () => {
  test('moves to the trash, numbering names that are there already', async () => {
    for (const content of ['one\n', 'two\n']) {
      await system.put('Folder/Bye.md', content);
      const answer = await system.call('/v1/files/Folder/Bye.md', { method: 'DELETE' });
      expect(answer.json).toMatchObject({ change: 'deleted', etag: null });
    }
    expect(existsSync(join(system.vault, 'Folder/Bye.md'))).toBe(false);
    expect(onDisk('.trash/Folder/Bye.md')).toBe('one\n');
    expect(onDisk('.trash/Folder/Bye (2).md')).toBe('two\n');
    expect((await system.call('/v1/files/Folder/Bye.md', { method: 'DELETE' })).status).toBe(404);
  });

  test('removes for good when asked', async () => {
    await system.put('Gone.md', 'x');
    await system.call('/v1/files/Gone.md?permanent=true', { method: 'DELETE' });
    expect(existsSync(join(system.vault, '.trash/Gone.md'))).toBe(false);
  });
});

describe('moving', () => {
  test('takes every link along, and back again byte for byte', async () => {
    const before = ['A.md', 'Folder/C.md', 'Folder/D.md'].map(onDisk);
    const moved = await system.post('/v1/files:move', { from: 'A.md', to: 'Elsewhere/Alpha.md' });
    expect(moved.status).toBe(200);
    const changed = moved.json.changed.map(({ path, change }: { path: string; change: string }) => `${change} ${path}`);
    expect(changed.sort()).toEqual(['moved Elsewhere/Alpha.md', 'updated Folder/C.md', 'updated Folder/D.md']);
    expect(onDisk('Folder/C.md')).toBe('See [[Alpha|the first]], [[Folder/D#Part]] and ![[Alpha#Title]].\n');
    expect(onDisk('Folder/D.md')).toContain('[back](../Elsewhere/Alpha.md) and [out](https://example.org/A.md)');
    await system.post('/v1/files:move', { from: 'Elsewhere/Alpha.md', to: 'A.md' });
    expect(['A.md', 'Folder/C.md', 'Folder/D.md'].map(onDisk)).toEqual(before);
  });

  test('takes a folder with all that is in it', async () => {
    await system.post('/v1/files:move', { from: 'Many', to: 'Archive/Many' });
    const { json } = await system.call('/v1/files?folder=Archive/Many&limit=1000');
    expect(json.items).toHaveLength(25);
    expect((await system.call('/v1/files?folder=Many')).json.items).toHaveLength(0);
  });

  test('refuses what would overwrite or confuse', async () => {
    const move = (from: string, to: string) => system.post('/v1/files:move', { from, to });
    expect((await move('A.md', 'B.md')).json).toMatchObject({ status: 409, code: 'target-exists' });
    expect((await move('A.md', 'b.md')).json).toMatchObject({ status: 409, code: 'name-collision' });
    expect((await move('No.md', 'Yes.md')).status).toBe(404);
    expect((await move('A.md', '../A.md')).json.code).toBe('path-outside-vault');
    expect((await move('A.md', 'A#1.md')).json.code).toBe('name-unlinkable');
    expect((await move('Folder', 'Folder/Inside')).status).toBe(409);
  });

  test('takes the links of canvases and bases along, in the graph as well', async () => {
    const canvas =
      '{\n\t"nodes":[\n\t\t{"type":"file","file":"Boards/One.md","x":1.0},\n\t\t{"type":"text","text":"[[One]]"}]}';
    const base = 'filters: file.hasLink("One") # One\n';
    await system.post('/v1/files:batch', {
      operations: [
        { op: 'put', path: 'Boards/One.md', content: 'one\n' },
        { op: 'put', path: 'Boards/b.canvas', content: canvas },
        { op: 'put', path: 'Boards/c.base', content: base },
      ],
    });
    const backlinks = async (path: string) => {
      await system.settled();
      const { json } = await system.call(`/v1/graph/backlinks/${path}`);
      return json.items.map(({ source: from, line }: { source: string; line: number }) => `${from}:${line}`).toSorted();
    };
    expect(await backlinks('Boards/One.md')).toEqual(['Boards/b.canvas:3', 'Boards/b.canvas:4', 'Boards/c.base:1']);
    await system.post('/v1/files:move', { from: 'Boards/One.md', to: 'Boards/Two "2".md' });
    expect(onDisk('Boards/b.canvas')).toBe(
      canvas.replace('Boards/One.md', 'Boards/Two \\"2\\".md').replace('[[One]]', '[[Two \\"2\\"]]'),
    );
    expect(onDisk('Boards/c.base')).toBe('filters: file.hasLink("Two \\"2\\"") # One\n');
    await system.post('/v1/files:move', { from: 'Boards', to: 'Moved' });
    expect(await backlinks('Moved/Two%20%222%22.md')).toEqual([
      'Moved/b.canvas:3',
      'Moved/b.canvas:4',
      'Moved/c.base:1',
    ]);
  });

  test('tells of the links that it leaves, in a dry run as well', async () => {
    await system.put('Left/n.md', 'See [[picture.png]].\n');
    await system.put('Left/latin.md', Buffer.from('[[picture.png]] \xe9\n', 'latin1'));
    const body = { from: 'picture.png', to: 'pic#2.png' };
    const reason = expect.any(String);
    const linksLeft = [
      { path: 'Left/latin.md', line: null, link: null, target: null, reason },
      { path: 'Left/n.md', line: 1, link: '[[picture.png]]', target: 'pic#2.png', reason },
    ];
    expect((await system.post('/v1/files:move?dryRun=true', body)).json.linksLeft).toEqual(linksLeft);
    const moved = await system.post('/v1/files:move', body, { 'idempotency-key': 'left' });
    expect(moved.json.linksLeft).toEqual(linksLeft);
    expect((await system.post('/v1/files:move', body, { 'idempotency-key': 'left' })).json.linksLeft).toEqual(
      linksLeft,
    );
    await system.post('/v1/files:move', { from: 'pic#2.png', to: 'picture.png' });
  });

  test('can change the case of a name', async () => {
    await system.put('case.md', 'x\n');
    expect((await system.post('/v1/files:move', { from: 'case.md', to: 'Case.md' })).status).toBe(200);
    expect(readdirSync(system.vault)).toContain('Case.md');
    expect(readdirSync(system.vault)).not.toContain('case.md');
  });
});

describe('names that differ only in case or normalisation', () => {
  test('never overwrite each other', async () => {
    await system.put('Caf\u00e9.md', 'composed\n');
    const answer = await system.put('Cafe\u0301.md', 'decomposed\n');
    expect(answer.json).toMatchObject({ status: 409, code: 'name-collision' });
    expect((await system.put('CAF\u00c9.md', 'upper\n')).status).toBe(409);
    expect(onDisk('Caf\u00e9.md')).toBe('composed\n');
  });
});

describe('appending to a note', () => {
  test.each([
    ['text ^id\n', 'more\n', 'text ^id\n\nmore\n'],
    ['text ^id', 'more\n', 'text ^id\n\nmore\n'],
    ['> quote\r\n', 'more\r\n', '> quote\r\n\r\nmore\r\n'],
    ['| a |\n|---|\n', '| 1 |\n', '| a |\n|---|\n| 1 |\n'],
    ['- item\n', '- item\n', '- item\n- item\n'],
    ['- item\n', 'text\n', '- item\n\ntext\n'],
    ['line\n', 'line\n', 'line\nline\n'],
    ['line\n\n', '- item\n', 'line\n\n- item\n'],
    ['begun', ' and ended\n', 'begun and ended\n'],
    ['', '# New\n', '# New\n'],
  ])('keeps the meaning of both: %j and %j', async (before, addition, after) => {
    await system.put('Append.md', before);
    expect((await system.call('/v1/files/Append.md', { method: 'POST', body: addition })).status).toBe(200);
    expect(onDisk('Append.md')).toBe(after);
    await system.put('Append.md', before);
    const operations = [{ op: 'append', path: 'Append.md', content: addition }];
    expect((await system.post('/v1/files:batch', { operations })).status).toBe(200);
    expect(onDisk('Append.md')).toBe(after);
  });

  test('leaves other files as they are', async () => {
    await system.put('list.txt', '- item\n');
    await system.call('/v1/files/list.txt', { method: 'POST', body: 'text\n' });
    expect(onDisk('list.txt')).toBe('- item\ntext\n');
  });
});

test('of headings with the same path one is edited by its index', async () => {
  await system.put('Twice.md', '# A\none\n# A\ntwo\n');
  const edit = (target: object) =>
    system.call('/v1/files/Twice.md', {
      method: 'PATCH',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ target, operation: 'append', content: 'more' }),
    });
  const ambiguous = await edit({ heading: 'A' });
  expect(ambiguous.json).toMatchObject({ status: 409, code: 'section-ambiguous' });
  expect(ambiguous.json.detail).toContain('index');
  expect((await edit({ heading: 'A', index: 3 })).json).toMatchObject({ status: 404, code: 'section-not-found' });
  expect((await edit({ heading: 'A', index: 0 })).status).toBe(400);
  expect((await edit({ heading: ['A'], index: 2 })).status).toBe(200);
  expect(onDisk('Twice.md')).toBe('# A\none\n# A\ntwo\nmore\n');
});

describe('a batch', () => {
  test('does all of its operations, each upon those before it', async () => {
    const answer = await system.post('/v1/files:batch', {
      operations: [
        { op: 'put', path: 'Batch/1.md', content: '# One\n' },
        { op: 'append', path: 'Batch/1.md', content: 'more [[2]]\n' },
        { op: 'put', path: 'Batch/2.md', content: 'AAE=', encoding: 'base64' },
        { op: 'edit', path: 'Batch/1.md', edit: { target: { heading: 'One' }, operation: 'append', content: 'end' } },
        { op: 'move', from: 'Batch/2.md', to: 'Batch/3.md' },
      ],
    });
    expect(answer.status).toBe(200);
    expect(onDisk('Batch/1.md')).toBe('# One\nmore [[3]]\nend\n');
    expect(readFileSync(join(system.vault, 'Batch/3.md'))).toEqual(Buffer.from([0, 1]));
  });

  test('does nothing when one of them cannot be done', async () => {
    const answer = await system.post('/v1/files:batch', {
      operations: [
        { op: 'put', path: 'Batch/never.md', content: 'x' },
        { op: 'delete', path: 'Batch/missing.md' },
      ],
    });
    expect(answer.json).toMatchObject({ status: 404, code: 'file-not-found' });
    expect(existsSync(join(system.vault, 'Batch/never.md'))).toBe(false);
  });
});

describe('a dry run', () => {
  test('shows every note it would touch and does nothing', async () => {
    const before = onDisk('Folder/C.md');
    const { json } = await system.post('/v1/files:move?dryRun=true', { from: 'A.md', to: 'Z.md' });
    expect(json.dryRun).toBe(true);
    const paths = json.changes.map(({ path, change }: { path: string; change: string }) => `${change} ${path}`).sort();
    expect(paths).toEqual(['moved Z.md', 'updated Folder/C.md', 'updated Folder/D.md']);
    const diff = json.changes.find(({ path }: { path: string }) => path === 'Folder/C.md').diff;
    expect(diff).toContain('--- a/Folder/C.md');
    expect(diff).toContain('-See [[A|the first]]');
    expect(diff).toContain('+See [[Z|the first]]');
    expect(onDisk('Folder/C.md')).toBe(before);
    expect(existsSync(join(system.vault, 'Z.md'))).toBe(false);
  });

  test.each([
    ['PUT', '/v1/files/Dry.md?dryRun=true', 'created'],
    ['POST', '/v1/files/A.md?dryRun=true', 'updated'],
    ['DELETE', '/v1/files/A.md?dryRun=true', 'deleted'],
  ])('of %s %s shows that it is %s', async (method, path, change) => {
    const before = onDisk('A.md');
    const { json } = await system.call(path, { method, ...(method === 'DELETE' ? {} : { body: 'dry\n' }) });
    expect(json.changes).toMatchObject([{ change }]);
    expect(json.changes[0].diff).toMatch(/^[+-]/m);
    expect(onDisk('A.md')).toBe(before);
    expect(existsSync(join(system.vault, 'Dry.md'))).toBe(false);
  });
});

describe('versions', () => {
  test('keep what was replaced and deleted, and bring it back', async () => {
    for (const content of ['one\n', 'two\n', 'three\n']) await system.put('Versioned.md', content);
    await system.call('/v1/files/Versioned.md?permanent=true', { method: 'DELETE' });
    const { json } = await system.call('/v1/versions/Versioned.md');
    expect(json.items.map(({ change, size }: { change: string; size: number }) => `${change} ${size}`)).toEqual([
      'deleted 6',
      'updated 4',
      'updated 4',
    ]);
    const oldest = json.items.at(-1);
    const restored = await system.post('/v1/versions:restore', { path: 'Versioned.md', hash: oldest.hash });
    expect(restored.json.changed).toMatchObject([{ change: 'created' }]);
    expect(onDisk('Versioned.md')).toBe('one\n');
    const page = await system.call('/v1/versions/Versioned.md?limit=1');
    expect(page.json.nextCursor).not.toBeNull();
  });

  test('of another path are not given', async () => {
    const { json } = await system.call('/v1/versions/Versioned.md');
    const answer = await system.post('/v1/versions:restore', { path: 'B.md', hash: json.items[0].hash });
    expect(answer.json).toMatchObject({ status: 404, code: 'version-not-found' });
  });
});

test('a restart finds the links of files that were read by older rules, without an event', async () => {
  const own = await startSystem({
    definitions: services,
    files: { 'a.md': '# a\n', 'b.md': 'See [x][a].\n\n[a]: a.md\n' },
  });
  const sequences = async (database: Database) =>
    database.read.all('SELECT path, sequence FROM manifest ORDER BY path');
  let before: unknown;
  await own.settled();
  const again = await own.restart(async () => {
    const database = await own.openDatabase('file');
    const migration = join(
      import.meta.dirname,
      `../../file/prisma/migrations/${database.provider}/004.do.links-and-comparison.sql`,
    );
    const stale = readFileSync(migration, 'utf8').match(/UPDATE manifest [^;]*/)?.[0] ?? '';
    await database.transaction(async (sql) => {
      await sql.run(`${stale}, link_keys = ''`);
    });
    before = await sequences(database);
    await database.close();
  });
  try {
    await again.settled();
    const database = await again.openDatabase('file');
    expect(await sequences(database)).toEqual(before);
    await database.close();
    await again.post('/v1/files:move', { from: 'a.md', to: 'c.md' });
    expect(readFileSync(join(again.vault, 'b.md'), 'utf8')).toBe('See [x][a].\n\n[a]: c.md\n');
  } finally {
    await again.stop();
  }
});
