import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { tokenize } from '../src/domain/tokens.ts';
import { makeCorpus, makeQuery, type Seeded, seeded } from './fixture/corpus.ts';
import { createPlace, type Place, providers } from './fixture/places.ts';
import { createReadSide, type ReadSide } from './fixture/read-side.ts';

const kepano = join(import.meta.dirname, '../../../../shared/vaults/kepano');

function readVault(folder: string): Record<string, string> {
  const notes = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name.endsWith('.md'),
  );
  return Object.fromEntries(
    notes.map(({ parentPath, name }) => {
      const file = join(parentPath, name);
      return [relative(folder, file), readFileSync(file, 'utf8')];
    }),
  );
}

/** Words, phrases and beginnings that stand in a note, and such as hardly do. */
function queryFrom(random: Seeded, texts: readonly (readonly string[])[]): string {
  const tokens = random.pick(texts);
  const at = random.below(tokens.length);
  const phrase = tokens.slice(at, at + 1 + random.below(6));
  const other = random.pick(random.pick(texts));
  return random.pick([
    `"${phrase.join(' ')}"`,
    `"${phrase.join(' ').slice(0, -1)}*"`,
    `"${[...phrase].reverse().join(' ')}"`,
    `${phrase.join(' ')} -${other}`,
    `${phrase[0]} ${other}`,
    `${other.slice(0, 2)}* "${phrase.slice(0, 2).join(' ')}"`,
  ]);
}

describe('both providers', () => {
  if (!providers.every(({ answers }) => answers)) {
    test.skip('find the same notes: the PostgreSQL server does not answer');
    return;
  }
  let places: Place[];
  let sides: ReadSide[];

  beforeEach(async () => {
    places = await Promise.all(providers.map(({ provider }) => createPlace(provider)));
    sides = places.map(({ database }) => createReadSide(database));
  });
  afterEach(() => Promise.all(places.map((place) => place.remove())));

  /** Runs the queries on both; answers how many found something. */
  async function compare(queries: readonly string[]): Promise<number> {
    let found = 0;
    for (const query of queries) {
      const [one = [], other = []] = await Promise.all(sides.map(async (side) => (await side.find(query)).sort()));
      expect(other, query).toEqual(one);
      if (one.length > 0) found++;
    }
    return found;
  }

  test('find the same notes of a generated corpus', async () => {
    const random = seeded(20260114);
    const corpus = makeCorpus(random, 250);
    await Promise.all(sides.map((side) => side.save(corpus)));
    const queries = random.times(400, () => makeQuery(random));
    expect(await compare(queries)).toBeGreaterThan(150);
  });

  test.skipIf(!existsSync(kepano))('find the same notes of the public vault "kepano"', async () => {
    const files = readVault(kepano);
    await Promise.all(sides.map((side) => side.save(files)));
    const random = seeded(7);
    const texts = Object.values(files)
      .map(tokenize)
      .filter((tokens) => tokens.length > 0);
    const queries = random.times(300, () => queryFrom(random, texts));
    expect(await compare(queries)).toBeGreaterThan(150);
  });

  test('have the same rows after the same changes', async () => {
    const random = seeded(99);
    const corpus = Object.entries(makeCorpus(random, 60)).map(([path, text], index, all) => {
      const [other = ''] = all[(index * 7) % all.length] ?? [];
      return [path, `${text}\n[[${other.replace(/\.md$/, '')}|as]] ![[Nowhere ${index % 5}#part]]\n`] as const;
    });
    for (const side of sides) {
      await side.save(Object.fromEntries(corpus));
      await side.save(Object.fromEntries(corpus.slice(0, 20).map(([path, text]) => [path, `${text} changed`])), 2);
      await side.remove(
        corpus.slice(10, 30).map(([path]) => path),
        3,
      );
    }
    const [one, other] = await Promise.all(places.map(({ database }) => rowsOf(database)));
    expect(other).toEqual(one);
  });
});

async function rowsOf({ read }: Place['database']) {
  return Promise.all(
    [
      'SELECT path, path_key, link_key, title, is_note, hash, sequence, size, mtime, frontmatter, content, warning, headings FROM note ORDER BY path',
      'SELECT note.path, ordinal, link, link.link_key, subpath, alias, embed, line, target_path FROM link JOIN note ON note.id = note_id ORDER BY note.path, ordinal',
      'SELECT note.path, tag_key, tag FROM tag JOIN note ON note.id = note_id ORDER BY note.path, tag_key',
    ].map((text) => read.all(text)),
  );
}
