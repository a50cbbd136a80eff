import { join } from 'node:path';
import { schemaDrift } from '@weave-nn/database/drift';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPlace, type Place, providers } from './fixture/places.ts';

const schemaFile = join(import.meta.dirname, '../prisma/schema.prisma');

describe.each(providers)('the schema on $provider', ({ provider, answers }) => {
  if (!answers) {
    test.skip('the server does not answer');
    return;
  }
  let place: Place;

  beforeEach(async () => {
    place = await createPlace(provider);
  });
  afterEach(() => place.remove());

  test('says what the migrations make', async () => {
    expect(await schemaDrift({ schemaFile, ...place.options })).toBe('');
  });

  test('can be undone and made again, and a former version keeps what was decided', async () => {
    await place.database.transaction((sql) =>
      sql.run(
        `INSERT INTO write_group (id, vault_id, state, actor, origin, decided_at, owner)
         VALUES ('g', 'v', 'decided', 'a', 'api', 1, 'o')`,
      ),
    );
    await place.migrate(1);
    await place.migrate('max');
    expect(await place.database.read.all('SELECT id, owner FROM write_group')).toEqual([{ id: 'g', owner: null }]);
    await place.migrate(0);
    await place.migrate('max');
    expect(await place.database.read.all('SELECT id FROM write_group')).toEqual([]);
  });
});
