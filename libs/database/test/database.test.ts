import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Database, isUniqueViolation, migrate, openDatabase } from '../src/index.ts';
import { createGate } from './fixture/gate.ts';
import {
  type Counter,
  createPlace,
  type FixtureClient,
  migrationsFolder,
  type Place,
  providers,
} from './fixture/providers.ts';

const insert = 'INSERT INTO counter (name, value) VALUES (?, ?)';
const select = 'SELECT name, value FROM counter ORDER BY name';

describe.each(providers)('a database on $provider', ({ provider, answers }) => {
  if (!answers) {
    test.skip('the server does not answer');
    return;
  }
  let place: Place;
  let database: Database<FixtureClient>;

  beforeAll(async () => {
    place = await createPlace(provider);
    database = await openDatabase(place.options);
    await migrate(database, { folder: migrationsFolder });
  });
  afterAll(async () => {
    await database?.close();
    await place?.remove();
  });
  beforeEach(async () => {
    await database.transaction(async (sql) => {
      for (const table of ['link', 'note', 'counter']) await sql.run(`DELETE FROM ${table}`);
    });
  });

  test('keeps what a transaction committed and answers how many rows changed', async () => {
    const changed = await database.transaction(async (sql) => [
      await sql.run(insert, 'a', 1),
      await sql.run(insert, 'b', 2),
      await sql.run('UPDATE counter SET value = value + ?', 1),
      await sql.run('DELETE FROM counter WHERE name = ?', 'none'),
      await sql.run('INSERT INTO counter (name, value) VALUES (?, ?) ON CONFLICT DO NOTHING', 'a', 9),
    ]);
    expect(changed).toEqual([1, 1, 2, 0, 0]);
    expect(await database.read.all(select)).toEqual([
      { name: 'a', value: 2 },
      { name: 'b', value: 3 },
    ]);
    expect(await database.read.get('SELECT count(*) AS count, sum(value) AS sum FROM counter')).toEqual({
      count: 2,
      sum: 5,
    });
    expect(await database.read.get('SELECT name FROM counter WHERE name = ?', 'none')).toBeUndefined();
  });

  test('undoes everything when the work throws, and throws the same', async () => {
    const reason = new Error('changed my mind');
    const work = database.transaction(async (sql) => {
      await sql.run(insert, 'a', 1);
      throw reason;
    });
    await expect(work).rejects.toBe(reason);
    expect(await database.read.all(select)).toEqual([]);
  });

  test('shows readers nothing that is not committed, and lets the next writer wait', async () => {
    await database.transaction((sql) => sql.run(insert, 'a', 1));
    const [written, gate, order] = [createGate(), createGate(), [] as string[]];
    const first = database.transaction(async (sql) => {
      await sql.run('UPDATE counter SET value = value * 10');
      written.open();
      await gate.passed;
      order.push('first');
    });
    await written.passed;
    const second = database.transaction(async (sql) => {
      await sql.run('UPDATE counter SET value = value + 1');
      order.push('second');
    });
    expect(await database.read.all(select)).toEqual([{ name: 'a', value: 1 }]);
    gate.open();
    await Promise.all([first, second]);
    expect(order).toEqual(['first', 'second']);
    expect(await database.read.all(select)).toEqual([{ name: 'a', value: 11 }]);
  });

  test('loses none of 200 increments made at once', async () => {
    await database.transaction((sql) => sql.run(insert, 'a', 0));
    await Promise.all(
      Array.from({ length: 200 }, (_, index) =>
        index % 2 === 0
          ? database.transaction((sql) => sql.run('UPDATE counter SET value = value + 1 WHERE name = ?', 'a'))
          : database.prismaTransaction((client) =>
              client.counter.update({ where: { name: 'a' }, data: { value: { increment: 1 } } }),
            ),
      ),
    );
    expect(await database.read.all(select)).toEqual([{ name: 'a', value: 200 }]);
  });

  test('runs Prisma and statements in the same transaction', async () => {
    const seen = await database.prismaTransaction(async (client, sql) => {
      await client.counter.create({ data: { name: 'a', value: 1 } });
      await sql.run('UPDATE counter SET value = value + ?', 1);
      return [await client.counter.findMany(), await sql.all<Counter>(select), await database.read.all(select)];
    });
    expect(seen).toEqual([[{ name: 'a', value: 2 }], [{ name: 'a', value: 2 }], []]);

    const reason = new Error('changed my mind');
    const work = database.prismaTransaction(async (client, sql) => {
      await client.counter.create({ data: { name: 'b', value: 1 } });
      await sql.run(insert, 'c', 1);
      throw reason;
    });
    await expect(work).rejects.toBe(reason);
    const client = await database.prisma();
    expect(await client.counter.findMany()).toEqual([{ name: 'a', value: 2 }]);
  });

  test('gives Prisma back every type as it was', async () => {
    const client = await database.prisma();
    const note = {
      id: 'n',
      vault: 'v',
      path: 'dir/ñ \u{1F600}.md',
      title: null,
      words: 2 ** 31 - 1,
      revision: 2n ** 63n - 1n,
      weight: 0.1,
      pinned: true,
      body: new Uint8Array([0, 1, 255]),
      extra: { list: [1, 'a', null], text: '\u{1F600}' },
      createdAt: new Date('2024-02-29T12:34:56.789Z'),
    };
    await client.note.create({ data: note });
    expect(await client.note.findMany()).toEqual([note]);
    expect(await client.note.findMany({ where: { createdAt: { gte: note.createdAt }, pinned: true } })).toHaveLength(1);
    expect(await client.note.findMany({ where: { createdAt: { gt: note.createdAt } } })).toHaveLength(0);
    const row = 'SELECT words, weight, pinned, body, created_at FROM note WHERE id = ?';
    expect(await database.read.get(row, 'n')).toEqual({
      words: note.words,
      weight: 0.1,
      pinned: 1,
      body: note.body,
      created_at: '2024-02-29T12:34:56.789Z',
    });
  });

  test.each([
    ['null', null],
    ['unicode', 'ñ \u{1F600} \u200b'],
    ['placeholders and quotes', `? '?' "?" $1 -- ?`],
    ['an empty text', ''],
  ])('keeps %s in a text column', async (_name, title) => {
    const text = 'INSERT INTO note (id, vault, path, title) VALUES (?, ?, ?, ?)';
    await database.transaction((sql) => sql.run(text, 'n', 'v', 'p', title));
    expect(await database.read.get(`SELECT title, '?' AS mark FROM note WHERE id = ? -- ?`, 'n')).toEqual({
      title,
      mark: '?',
    });
  });

  test.each([[0], [-1], [2 ** 31], [Number.MAX_SAFE_INTEGER], [Number.MIN_SAFE_INTEGER]])(
    'keeps the integer %d',
    async (revision) => {
      const text = 'INSERT INTO note (id, vault, path, title, revision) VALUES (?, ?, ?, ?, ?)';
      await database.transaction((sql) => sql.run(text, 'n', 'v', 'p', String(revision), revision));
      expect(await database.read.get('SELECT revision FROM note')).toEqual({ revision });
      await database.transaction((sql) => sql.run('UPDATE note SET revision = ?', BigInt(revision)));
      expect(await database.read.get('SELECT revision FROM note WHERE revision = ?', revision)).toEqual({ revision });
    },
  );

  test('refuses to round an integer that no number holds', async () => {
    const text = 'INSERT INTO note (id, vault, path, revision) VALUES (?, ?, ?, ?)';
    await database.transaction((sql) => sql.run(text, 'n', 'v', 'p', 2n ** 53n + 1n));
    await expect(database.read.get('SELECT revision FROM note')).rejects.toThrow(/too large/);
  });

  test('keeps binary with NUL bytes, small and large', async () => {
    const text = 'INSERT INTO note (id, vault, path, body) VALUES (?, ?, ?, ?)';
    for (const length of [0, 3, 100_000]) {
      const body = Uint8Array.from({ length }, (_, index) => index % 256);
      await database.transaction((sql) => sql.run(text, `n${length}`, 'v', `p${length}`, body));
      const row = await database.read.get<{ body: Uint8Array }>('SELECT body FROM note WHERE id = ?', `n${length}`);
      expect(row?.body).toEqual(body);
    }
  });

  test('divides integers as integers and writes them into text without a point', async () => {
    expect(await database.read.get('SELECT CAST(7 AS INTEGER) / ? AS half', 2)).toEqual({ half: 3 });
  });

  test('names the columns of a broken unique constraint', async () => {
    await database.transaction((sql) => sql.run('INSERT INTO note (id, vault, path) VALUES (?, ?, ?)', 'n', 'v', 'p'));
    const again = database.transaction((sql) =>
      sql.run('INSERT INTO note (id, vault, path) VALUES (?, ?, ?)', 'm', 'v', 'p'),
    );
    await expect(again).rejects.toMatchObject({ code: 'unique-violated', table: 'note', columns: ['vault', 'path'] });
    const client = await database.prisma();
    const inPrisma = client.note.create({ data: { id: 'm', vault: 'v', path: 'p' } });
    await expect(inPrisma).rejects.toMatchObject({ code: 'unique-violated' });
    const thrown = await Promise.all([again, inPrisma].map((each) => each.catch((error: unknown) => error)));
    expect(thrown.map(isUniqueViolation)).toEqual([true, true]);
    expect(isUniqueViolation(new Error('other'))).toBe(false);
  });

  test('tells the other broken constraints apart', async () => {
    const broken = (text: string) => expect(database.transaction((sql) => sql.run(text))).rejects;
    await broken(`INSERT INTO link (note_id, target) VALUES ('none', 't')`).toMatchObject({
      code: 'foreign-key-violated',
    });
    await broken(`INSERT INTO note (id, vault, path) VALUES ('n', 'v', NULL)`).toMatchObject({
      code: 'not-null-violated',
      columns: ['path'],
    });
    await broken('INSERT INTO none VALUES (1)').toMatchObject({ code: 'statement-failed' });
    const client = await database.prisma();
    await expect(client.link.create({ data: { noteId: 'none', target: 't' } })).rejects.toMatchObject({
      code: 'foreign-key-violated',
    });
  });

  test('runs the same statement after the schema has changed', async () => {
    const text = 'SELECT * FROM shape';
    await database.transaction(async (sql) => {
      await sql.run('CREATE TABLE shape (a TEXT)');
      await sql.run('INSERT INTO shape VALUES (?)', 'a');
    });
    expect(await database.read.all(text)).toEqual([{ a: 'a' }]);
    expect(await database.transaction((sql) => sql.all(text))).toEqual([{ a: 'a' }]);
    await database.transaction((sql) => sql.run('ALTER TABLE shape ADD COLUMN b INTEGER DEFAULT 7'));
    expect(await database.transaction((sql) => sql.all(text))).toEqual([{ a: 'a', b: 7 }]);
    expect(await database.read.all(text)).toEqual([{ a: 'a', b: 7 }]);
    await database.transaction((sql) => sql.run('DROP TABLE shape'));
  });

  test('refuses statements after the transaction and writes through read', async () => {
    const after = await database.transaction(async (sql) => sql);
    await expect(after.get('SELECT 1')).rejects.toMatchObject({ code: 'transaction-closed' });
    const afterPrisma = await database.prismaTransaction(async (_client, sql) => sql);
    await expect(afterPrisma.run(insert, 'a', 1)).rejects.toMatchObject({ code: 'transaction-closed' });
    await expect(database.read.run(insert, 'a', 1)).rejects.toMatchObject({ code: 'read-only' });
  });

  test('waits for open transactions when it closes, and refuses calls after that', async () => {
    const closing = await openDatabase(place.options);
    const [begun, gate] = [createGate(), createGate()];
    const work = closing.transaction(async (sql) => {
      begun.open();
      await gate.passed;
      await sql.run(insert, 'late', 1);
    });
    await begun.passed;
    const closed = closing.close();
    await expect(closing.transaction(async () => {})).rejects.toMatchObject({ code: 'database-closed' });
    await expect(closing.prismaTransaction(async () => {})).rejects.toMatchObject({ code: 'database-closed' });
    await expect(closing.prisma()).rejects.toMatchObject({ code: 'database-closed' });
    await expect(closing.check()).rejects.toMatchObject({ code: 'database-closed' });
    gate.open();
    await Promise.all([work, closed, closing.close()]);
    expect(await database.read.all(select)).toEqual([{ name: 'late', value: 1 }]);
  });

  test('asks for a client when Prisma is used without one', async () => {
    const { loadClient: _, ...options } = place.options;
    const bare = await openDatabase(options);
    await expect(bare.prisma()).rejects.toMatchObject({ code: 'client-not-configured' });
    await bare.close();
  });

  test('has the committed rows and not the open ones after kill -9', async () => {
    const { url, schema } = place.options;
    const script = join(import.meta.dirname, 'fixture', 'interrupted-writer.ts');
    const child = spawn(process.execPath, [script, url, ...(schema === undefined ? [] : [schema])], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(child.stdout, 'data');
    child.kill('SIGKILL');
    await once(child, 'exit');
    const reopened = await openDatabase(place.options);
    expect(await reopened.read.all(select)).toEqual(['a', 'b', 'c'].map((name) => ({ name, value: 1 })));
    await reopened.transaction((sql) => sql.run(insert, 'd', 1));
    await reopened.close();
  });
});
