import { join } from 'node:path';
import { schemaDrift } from '@weave-nn/database/drift';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createGraphStore } from '../src/store/graph.ts';
import { createOwnPlace, type Place, providers } from './fixture/places.ts';

const schemaFile = join(import.meta.dirname, '../prisma/schema.prisma');

/** As the first version of the tables takes them. */
const TWO_NOTES = `INSERT INTO note
    (vault_id, path, path_key, link_key, title, is_note, hash, sequence, size, mtime, frontmatter)
  VALUES ('v', 'a.md', 'a.md', 'a', 'a', 1, 'h', 1, 1, 't', '{}'), ('v', 'b.md', 'b.md', 'b', 'b', 1, 'h', 1, 1, 't', '{}')`;

const rowIds = ['id', 'noteId', 'position'];

describe.each(providers)('the schema on $provider', ({ provider, answers }) => {
  if (!answers) {
    test.skip('the server does not answer');
    return;
  }
  let place: Place;

  beforeEach(async () => {
    place = await createOwnPlace(provider);
  });
  afterEach(() => place.remove());

  test('says what the migrations make', async () => {
    expect(await schemaDrift({ schemaFile, rowIds, ...place.options })).toBe('');
  });

  test('keeps the headings of notes when it is changed, and when the change is undone', async () => {
    const { database } = place;
    await place.migrate(1);
    await database.transaction(async (sql) => {
      await sql.run(TWO_NOTES);
      await sql.run(
        `INSERT INTO heading (note_id, ordinal, vault_id, level, text, line)
         SELECT id, 1, 'v', 2, 'Second "é"', 7 FROM note WHERE path = 'a.md'
         UNION ALL SELECT id, 0, 'v', 1, 'First', 1 FROM note WHERE path = 'a.md'`,
      );
    });
    const before = await database.read.all('SELECT * FROM heading ORDER BY ordinal');
    await place.migrate(3);
    const rows = await database.read.all<{ headings: string }>('SELECT headings FROM note ORDER BY path');
    expect(rows.map(({ headings }) => JSON.parse(headings))).toEqual([
      [
        { level: 1, text: 'First', line: 1 },
        { level: 2, text: 'Second "é"', line: 7 },
      ],
      [],
    ]);
    await place.migrate(1);
    expect(await database.read.all('SELECT * FROM heading ORDER BY ordinal')).toEqual(before);
  });

  test('keeps what links mean when it is changed, and when the change is undone', async () => {
    const { database } = place;
    await place.migrate(2);
    await database.transaction(async (sql) => {
      await sql.run(TWO_NOTES);
      await sql.run(
        `INSERT INTO link (note_id, ordinal, vault_id, link, link_key, subpath, embed, line, target_path)
         SELECT id, 0, 'v', 'b', 'b', '', 0, 1, 'b.md' FROM note WHERE path = 'a.md'
         UNION ALL SELECT id, 1, 'v', 'x/b', 'b', '', 0, 1, NULL FROM note WHERE path = 'a.md'`,
      );
    });
    await place.migrate(3);
    const targets = async () => (await createGraphStore(database, 'v').links('a.md', 0, 9)).map(({ target }) => target);
    expect(await targets()).toEqual(['b.md', null]);
    await database.transaction((sql) => sql.run('UPDATE link SET chosen = 0, target_path = NULL WHERE ordinal = 0'));
    expect(await targets()).toEqual(['b.md', null]);
    await place.migrate(2);
    expect(await database.read.all('SELECT target_path FROM link ORDER BY ordinal')).toEqual([
      { target_path: 'b.md' },
      { target_path: null },
    ]);
  });

  test('is emptied when words are cut otherwise, so that it is filled anew', async () => {
    await place.migrate(3);
    await place.database.transaction((sql) => sql.run(TWO_NOTES));
    await place.migrate('max');
    expect(await place.database.read.get('SELECT count(*) AS total FROM note')).toEqual({ total: 0 });
  });

  test('can be undone and made again', async () => {
    await place.migrate(0);
    await place.migrate('max');
    expect(await place.database.read.get('SELECT count(*) AS total FROM note')).toEqual({ total: 0 });
  });
});
