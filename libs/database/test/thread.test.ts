import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Database, openDatabase } from '../src/index.ts';
import { addNumbers, exit } from './fixture/procedures.ts';

const large = { large: true };

describe('a large transaction on SQLite', () => {
  let folder: string;
  let database: Database;

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'thread-test-'));
    database = await openDatabase({
      url: `file:${join(folder, 'numbers.db')}`,
      thread: new URL('./fixture/thread.ts', import.meta.url),
    });
    await database.transaction((sql) => sql.run('CREATE TABLE number (value INTEGER UNIQUE, thread INTEGER)'));
  });
  afterEach(async () => {
    await database.close();
    await rm(folder, { recursive: true });
  });

  const numbers = () => database.read.all<{ value: number; thread: number }>('SELECT * FROM number ORDER BY value');
  const values = async () => (await numbers()).map(({ value }) => value);

  test('does its procedures in another thread, and is seen once it is committed', async () => {
    await database.transaction(async (sql) => {
      await sql.perform(addNumbers, [1, 2]);
      expect(await sql.get('SELECT count(*) AS count FROM number')).toEqual({ count: 2 });
      expect(await sql.run('UPDATE number SET value = value + 10')).toBe(2);
      expect(await sql.all('SELECT value FROM number ORDER BY value')).toEqual([{ value: 11 }, { value: 12 }]);
      expect(await values()).toEqual([]);
    }, large);
    expect(await values()).toEqual([11, 12]);
    expect((await numbers()).every(({ thread }) => thread > 0)).toBe(true);
  });

  test('is undone when the work throws, and says what SQLite said when a statement failed', async () => {
    const refused = database.transaction((sql) => sql.perform(addNumbers, [1, 1]), large);
    await expect(refused).rejects.toMatchObject({ code: 'unique-violated', columns: ['value'] });
    const thrown = database.transaction(async (sql) => {
      await sql.perform(addNumbers, [2]);
      throw new Error('changed its mind');
    }, large);
    await expect(thrown).rejects.toThrow('changed its mind');
    expect(await values()).toEqual([]);
    await database.transaction((sql) => sql.perform(addNumbers, [3]), large);
    expect(await values()).toEqual([3]);
  });

  test('takes its turn with the others', async () => {
    const order: string[] = [];
    const add = (value: number, options?: { large: boolean }) =>
      database.transaction(async (sql) => {
        order.push(`begin ${value}`);
        await sql.perform(addNumbers, [value]);
        order.push(`end ${value}`);
      }, options);
    await Promise.all([add(1), add(2, large), add(3), add(4, large)]);
    expect(order).toEqual([1, 2, 3, 4].flatMap((value) => [`begin ${value}`, `end ${value}`]));
    expect((await numbers()).map(({ thread }) => thread > 0)).toEqual([false, true, false, true]);
  });

  test('is undone when its thread ends in the middle, and the next one has another thread', async () => {
    const broken = database.transaction((sql) => sql.perform(exit, null), large);
    await expect(broken).rejects.toMatchObject({ message: expect.stringContaining('code 3') });
    expect(await values()).toEqual([]);
    await database.transaction((sql) => sql.perform(addNumbers, [1]));
    await database.transaction((sql) => sql.perform(addNumbers, [2]), large);
    expect(await values()).toEqual([1, 2]);
  });

  test('runs no statement of its own once it has ended', async () => {
    const kept = await database.transaction(async (sql) => sql, large);
    await expect(kept.run('INSERT INTO number VALUES (1, 1)')).rejects.toMatchObject({ code: 'transaction-closed' });
    expect(await values()).toEqual([]);
  });

  test('is finished before the database is closed', async () => {
    const writing = database.transaction((sql) => sql.perform(addNumbers, [1, 2, 3]), large);
    await database.close();
    await writing;
    database = await openDatabase({ url: `file:${join(folder, 'numbers.db')}` });
    expect(await values()).toEqual([1, 2, 3]);
  });
});
