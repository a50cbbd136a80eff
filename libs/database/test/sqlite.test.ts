import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { openDatabase } from '../src/index.ts';
import { createTurns } from '../src/sqlite/turns.ts';

describe('a SQLite file', () => {
  let folder: string;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sqlite-test-'));
  });
  afterEach(() => rm(folder, { recursive: true }));

  test('is created with its folders', async () => {
    const database = await openDatabase({ url: `file:${join(folder, 'a', 'b', 'new.db')}` });
    await database.check();
    await database.close();
  });

  test('that is no database or is damaged is named in the error', async () => {
    const file = join(folder, 'note.db');
    await writeFile(file, '# This is a note\n'.repeat(500));
    await expect(openDatabase({ url: `file:${file}` })).rejects.toMatchObject({
      code: 'database-damaged',
      message: expect.stringContaining(file),
    });
  });

  test('that cannot be opened is named in the error', async () => {
    await expect(openDatabase({ url: `file:${folder}` })).rejects.toMatchObject({
      code: 'database-unreachable',
      message: expect.stringContaining(folder),
    });
    await writeFile(join(folder, 'file'), '');
    await expect(openDatabase({ url: `file:${join(folder, 'file', 'new.db')}` })).rejects.toMatchObject({
      code: 'database-unreachable',
    });
  });

  test('that is full says so, keeps what was committed, and takes nothing more of the transaction', async () => {
    const file = join(folder, 'full.db');
    const database = await openDatabase({ url: `file:${file}` });
    await database.transaction(async (sql) => {
      await sql.run('CREATE TABLE page (body BLOB)');
      await sql.run('INSERT INTO page VALUES (zeroblob(10))');
    });
    const growing = database.transaction(async (sql) => {
      await sql.get('PRAGMA max_page_count = 4');
      await sql.run('INSERT INTO page VALUES (zeroblob(100))');
      await sql.run('INSERT INTO page VALUES (zeroblob(100000))');
    });
    await expect(growing).rejects.toMatchObject({ code: 'disk-full', message: expect.stringContaining(file) });
    expect(await database.read.get('SELECT count(*) AS count FROM page')).toEqual({ count: 1 });
    await database.close();
  });

  test('is waited for until it has what was committed, unless that may be undone by a loss of power', async () => {
    const database = await openDatabase({ url: `file:${join(folder, 'sync.db')}` });
    const synchronous = (mayBeUndone: boolean) =>
      database.transaction((sql) => sql.get('PRAGMA synchronous'), { mayBeUndone });
    expect(await synchronous(false)).toEqual({ synchronous: 2 });
    expect(await synchronous(true)).toEqual({ synchronous: 1 });
    expect(await synchronous(false)).toEqual({ synchronous: 2 });
    await database.close();
  });

  test('that another connection writes to is waited for without stopping the process', async () => {
    const url = `file:${join(folder, 'shared.db')}`;
    const [one, other] = [await openDatabase({ url }), await openDatabase({ url })];
    await one.transaction((sql) => sql.run('CREATE TABLE line (text TEXT)'));
    const waiting = await one.transaction(async (sql) => {
      const second = other.transaction((theirs) => theirs.run('INSERT INTO line VALUES (?)', 'second'));
      await new Promise((resolve) => setImmediate(resolve));
      await sql.run('INSERT INTO line VALUES (?)', 'first');
      return { second };
    });
    await waiting.second;
    expect(await one.read.all('SELECT text FROM line ORDER BY rowid')).toEqual([{ text: 'first' }, { text: 'second' }]);
    await Promise.all([one.close(), other.close()]);
  });

  test('takes NUL characters in text, which PostgreSQL refuses', async () => {
    const database = await openDatabase({ url: `file:${join(folder, 'nul.db')}` });
    expect(await database.read.get('SELECT ? AS text', 'a\0b')).toEqual({ text: 'a\0b' });
    await database.close();
  });
});

test.each(['', 'file:', 'file::memory:', 'mysql://localhost/db', 'notes.db', 'postgresql://['])(
  'the URL %j is refused',
  async (url) => {
    await expect(openDatabase({ url })).rejects.toMatchObject({ code: 'database-url-invalid' });
  },
);

test('turns come in the order they were asked for', async () => {
  const turns = createTurns();
  const order: number[] = [];
  await Promise.all(
    Array.from({ length: 5_000 }, async (_, index) => {
      const turn = turns.take();
      if (turn) await turn;
      order.push(index);
      turns.end();
    }),
  );
  expect(order).toEqual(Array.from({ length: 5_000 }, (_, index) => index));
});
