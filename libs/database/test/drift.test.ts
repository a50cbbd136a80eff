import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { schemaDrift } from '../src/drift.ts';
import { type Database, migrate, openDatabase } from '../src/index.ts';
import { createPlace, migrationsFolder, type Place, providers } from './fixture/providers.ts';

const schemaFile = join(import.meta.dirname, 'fixture', 'prisma', 'schema.prisma');

describe.each(providers)('the drift of a database on $provider', ({ provider, answers }) => {
  if (!answers) {
    test.skip('the server does not answer');
    return;
  }
  let place: Place;
  let database: Database;

  beforeEach(async () => {
    place = await createPlace(provider);
    database = await openDatabase(place.options);
    await migrate(database, { folder: migrationsFolder });
  });
  afterEach(async () => {
    await database.close();
    await place.remove();
  });

  test('is nothing when the migrations and the schema say the same', async () => {
    const other =
      provider === 'sqlite' ? 'CREATE VIRTUAL TABLE found USING fts5(text)' : 'CREATE TABLE found (text TSVECTOR)';
    await database.transaction((sql) => sql.run(other));
    expect(await schemaDrift({ schemaFile, ...place.options })).toBe('');
  });

  test('names the tables and columns that differ', async () => {
    await database.transaction(async (sql) => {
      await sql.run('ALTER TABLE note ADD COLUMN surplus TEXT');
      await sql.run('DROP TABLE counter');
    });
    const drift = await schemaDrift({ schemaFile, ...place.options });
    expect(drift).toMatch(/`note`/);
    expect(drift).toMatch(/counter/);
  });
});
