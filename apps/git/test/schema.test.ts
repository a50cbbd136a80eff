import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { schemaDrift } from '@weave-nn/database/drift';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createPlace, type Place, type Provider, providers } from './fixture/places.ts';

const schemaFile = join(import.meta.dirname, '../prisma/schema.prisma');

/** SQLite's row ids have 64 bits, but their columns must be INTEGER, which Prisma takes for 32. */
async function schemaFor(provider: Provider, folder: string): Promise<string> {
  if (provider === 'postgresql') return schemaFile;
  const text = await readFile(schemaFile, 'utf8');
  const file = join(folder, 'schema.prisma');
  await writeFile(file, text.replace(/^( +position +)BigInt/gm, '$1Int'));
  return file;
}

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
    expect(await schemaDrift({ schemaFile: await schemaFor(provider, place.folder), ...place.options })).toBe('');
  });

  test('can be undone and made again', async () => {
    await place.migrate(0);
    await place.migrate('max');
    expect(await place.database.read.get('SELECT count(*) AS total FROM pending_change')).toEqual({ total: 0 });
  });
});
