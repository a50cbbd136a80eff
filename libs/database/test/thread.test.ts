import { copyFile, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { type Database, openDatabase } from '../src/index.ts';
import { addNumbers, addThenThrow, exit, unknown } from './fixture/procedures.ts';

describe('a procedure on SQLite', () => {
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

  test('is done in another thread, all of it in one transaction', async () => {
    const performing = database.perform(addNumbers, [1, 2]);
    expect(await values()).toEqual([]);
    await performing;
    expect(await values()).toEqual([1, 2]);
    expect((await numbers()).every(({ thread }) => thread > 0)).toBe(true);
  });

  test('is undone when it throws, and says what SQLite said when a statement failed', async () => {
    const refused = database.perform(addNumbers, [1, 1]);
    await expect(refused).rejects.toMatchObject({ code: 'unique-violated', columns: ['value'] });
    await expect(database.perform(addThenThrow, 2)).rejects.toThrow('changed its mind');
    await expect(database.perform(unknown, null)).rejects.toThrow('no procedure unknown');
    expect(await values()).toEqual([]);
    await database.perform(addNumbers, [3]);
    expect(await values()).toEqual([3]);
  });

  test('is in the file itself soon after, though nobody commits anything more', async () => {
    await database.perform(addNumbers, [1, 2]);
    const copy = join(folder, 'copy.db');
    await vi.waitFor(
      async () => {
        await copyFile(join(folder, 'numbers.db'), copy);
        const file = new DatabaseSync(copy);
        try {
          expect(file.prepare('SELECT count(*) AS total FROM number').get()).toEqual({ total: 2 });
        } finally {
          file.close();
        }
      },
      { timeout: 2_500, interval: 50 },
    );
  });

  test('is followed by what waits for a rest, step by step', async () => {
    await database.perform(addNumbers, [1, 1_000, 1_001, 1_002]);
    expect(await values()).toEqual([1, 1_000, 1_001, 1_002]);
    await vi.waitFor(async () => expect(await values()).toEqual([1]), { timeout: 2_500, interval: 20 });
  });

  test('is kept when what waits for a rest fails, and another is done then', async () => {
    await database.perform(addNumbers, [1, 1_000, 1_000_000]);
    await setTimeout(500);
    expect(await values()).toEqual([1, 1_000, 1_000_000]);
    await database.transaction((sql) => sql.run('DELETE FROM number WHERE value = 1000000'));
    await database.perform(addNumbers, [2]);
    await vi.waitFor(async () => expect(await values()).toEqual([1, 2]), { timeout: 2_500, interval: 20 });
  });

  test('takes its turn with the others', async () => {
    const order: number[] = [];
    const add = async (value: number, inThread: boolean) => {
      await (inThread
        ? database.perform(addNumbers, [value])
        : database.transaction((sql) => addNumbers.run(sql, [value])));
      order.push(value);
    };
    await Promise.all([add(1, false), add(2, true), add(3, false), add(4, true)]);
    expect(order).toEqual([1, 2, 3, 4]);
    expect((await numbers()).map(({ thread }) => thread > 0)).toEqual([false, true, false, true]);
  });

  test('is undone when its thread ends in the middle, and the next one has another thread', async () => {
    await expect(database.perform(exit, null)).rejects.toMatchObject({ message: expect.stringContaining('code 3') });
    expect(await values()).toEqual([]);
    await database.transaction((sql) => addNumbers.run(sql, [1]));
    await database.perform(addNumbers, [2]);
    expect(await values()).toEqual([1, 2]);
  });

  test('is handed to the next thread when the one that has it ends before it is begun', async () => {
    const ended = database.perform(exit, null);
    const waiting = Promise.all([database.perform(addNumbers, [1]), database.perform(addNumbers, [2])]);
    await expect(ended).rejects.toMatchObject({ message: expect.stringContaining('code 3') });
    await waiting;
    expect(await values()).toEqual([1, 2]);
  });

  test('is finished before the database is closed, and refused afterwards', async () => {
    const writing = database.perform(addNumbers, [1, 2, 3]);
    await database.close();
    await writing;
    await expect(database.perform(addNumbers, [4])).rejects.toMatchObject({ code: 'database-closed' });
    database = await openDatabase({ url: `file:${join(folder, 'numbers.db')}` });
    expect(await values()).toEqual([1, 2, 3]);
  });

  test('is done beside everything else where there is no thread for it', async () => {
    await database.close();
    database = await openDatabase({ url: `file:${join(folder, 'numbers.db')}` });
    await expect(database.perform(addThenThrow, 1)).rejects.toThrow('changed its mind');
    await database.perform(addNumbers, [2]);
    expect(await numbers()).toMatchObject([{ value: 2 }]);
  });
});
