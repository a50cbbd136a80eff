import { join } from 'node:path';
import { schemaDrift } from '@weave-nn/database/drift';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createOwnPlace, type Place, providers } from './fixture/places.ts';

const schemaFile = join(import.meta.dirname, '../prisma/schema.prisma');

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
    expect(await schemaDrift({ schemaFile, ...place.options })).toBe('');
  });

  test('can be undone and made again', async () => {
    await place.migrate(0);
    await place.migrate('max');
    expect(await place.database.read.get('SELECT count(*) AS total FROM task')).toEqual({ total: 0 });
  });
});
