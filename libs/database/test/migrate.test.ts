import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { type Database, migrate, openDatabase } from '../src/index.ts';
import { createPlace, type FixtureClient, migrationsFolder, type Place, providers } from './fixture/providers.ts';

describe.each(providers)('migrations on $provider', ({ provider, answers }) => {
  if (!answers) {
    test.skip('the server does not answer');
    return;
  }
  let place: Place;
  let database: Database<FixtureClient>;
  let folder: string;

  beforeEach(async () => {
    place = await createPlace(provider);
    database = await openDatabase(place.options);
    folder = join(await mkdtemp(join(tmpdir(), 'migrations-')), 'set [1] {a,b}');
    await cp(migrationsFolder, folder, { recursive: true });
  });
  afterEach(async () => {
    await database.close();
    await place.remove();
    await rm(join(folder, '..'), { recursive: true });
  });

  const write = (name: string, text: string) => writeFile(join(folder, provider, name), text);
  const exists = (table: string) =>
    database.read.get(`SELECT count(*) FROM ${table}`).then(
      () => true,
      () => false,
    );

  test('go up, down and up again', async () => {
    const up = { from: 0, to: 2, applied: ['001.do.notes.sql', '002.do.counters.sql'] };
    expect(await migrate(database, { folder })).toEqual(up);
    expect(await migrate(database, { folder })).toEqual({ from: 2, to: 2, applied: [] });
    const down = { from: 2, to: 0, applied: ['002.undo.counters.sql', '001.undo.notes.sql'] };
    expect(await migrate(database, { folder, to: 0 })).toEqual(down);
    expect(await exists('note')).toBe(false);
    expect(await migrate(database, { folder, to: 1 })).toMatchObject({ to: 1, applied: ['001.do.notes.sql'] });
    expect(await migrate(place.options, { folder, to: 'max' })).toMatchObject({ from: 1, to: 2 });
    expect(await exists('counter')).toBe(true);
  });

  test('of several sets live in one database', async () => {
    await migrate(database, { folder, to: 1 });
    expect(await migrate(database, { folder, table: 'schema_version_other', to: 0 })).toMatchObject({ from: 0, to: 0 });
    await write('003.do.third.sql', 'CREATE TABLE third (id INTEGER);');
    expect(await migrate(database, { folder })).toMatchObject({ from: 1, to: 3 });
    expect(await database.read.get('SELECT max(version) AS version FROM schema_version_other')).toEqual({ version: 0 });
  });

  test('that fail leave the database as it was and name the file and the reason', async () => {
    await migrate(database, { folder, to: 1 });
    await write('003.do.broken.sql', 'CREATE TABLE third (id INTEGER); INSERT INTO missing VALUES (1);');
    const failing = migrate(database, { folder });
    await expect(failing).rejects.toMatchObject({
      code: 'migration-failed',
      message: expect.stringMatching(/003\.do\.broken\.sql.*missing/),
    });
    expect(await exists('third')).toBe(false);
    expect(await exists('counter')).toBe(false);
    expect(await database.read.get('SELECT max(version) AS version FROM schema_version')).toEqual({ version: 1 });
    await rm(join(folder, provider, '003.do.broken.sql'));
    expect(await migrate(database, { folder })).toMatchObject({ from: 1, to: 2 });
  });

  test('that were edited after they ran are refused', async () => {
    await migrate(database, { folder, to: 1 });
    await write('001.do.notes.sql', 'CREATE TABLE other (id INTEGER);');
    await expect(migrate(database, { folder })).rejects.toMatchObject({
      code: 'migration-changed',
      message: expect.stringContaining('001.do.notes.sql'),
    });
  });

  test('older than the database are refused, and so are missing ones', async () => {
    await migrate(database, { folder });
    await rm(join(folder, provider, '001.undo.notes.sql'));
    await expect(migrate(database, { folder, to: 0 })).rejects.toMatchObject({ code: 'migration-missing' });
    await expect(migrate(database, { folder, to: 5 })).rejects.toMatchObject({ code: 'migration-missing' });
    await rm(join(folder, provider, '002.do.counters.sql'));
    await expect(migrate(database, { folder })).rejects.toMatchObject({ code: 'migration-newer' });
  });

  test('run once when ten migrators start together', async () => {
    const others = await Promise.all(Array.from({ length: 9 }, () => openDatabase(place.options)));
    const runs = await Promise.all([database, ...others].map((each) => migrate(each, { folder })));
    expect(runs.map((run) => run.applied.length).sort()).toEqual([0, 0, 0, 0, 0, 0, 0, 0, 0, 2]);
    await Promise.all(others.map((other) => other.close()));
  });

  test('keep the rows that refer to a table that is rebuilt', async () => {
    await migrate(database, { folder });
    await database.transaction(async (sql) => {
      await sql.run('INSERT INTO note (id, vault, path) VALUES (?, ?, ?)', 'n', 'v', 'p');
      await sql.run('INSERT INTO link (note_id, target) VALUES (?, ?)', 'n', 't');
    });
    const rebuild =
      provider === 'sqlite'
        ? 'CREATE TABLE new_note AS SELECT * FROM note; DROP TABLE note; ALTER TABLE new_note RENAME TO note; CREATE UNIQUE INDEX note_id ON note (id);'
        : 'ALTER TABLE note ALTER COLUMN title TYPE VARCHAR(100);';
    await write('003.do.rebuild.sql', rebuild);
    await migrate(database, { folder });
    expect(await database.read.get('SELECT count(*) AS count FROM link')).toEqual({ count: 1 });
  });
});
