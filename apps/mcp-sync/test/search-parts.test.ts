import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { mergeAtRest } from '../src/store/search-fts5.ts';
import { createPlace, type Place } from './fixture/places.ts';
import { createReadSide, type ReadSide } from './fixture/read-side.ts';

const LARGE = 120;

/** Notes that all have one word, and one of their own each. */
function notesOf(batch: number, count: number): Record<string, string> {
  const names = Array.from({ length: count }, (_, index) => `b${batch}n${index}`);
  return Object.fromEntries(names.map((name) => [`${name}.md`, `common ${name}word`]));
}

describe('the parts that words are written in, on SQLite', () => {
  let place: Place;
  let side: ReadSide;

  beforeEach(async () => {
    place = await createPlace('sqlite');
    side = createReadSide(place.database);
  });
  afterEach(() => place.remove());

  async function parts(): Promise<number> {
    const row = await place.database.read.get<{ total: number }>(
      'SELECT count(DISTINCT segid) AS total FROM note_text_idx',
    );
    return row?.total ?? 0;
  }

  test('are left alone by large batches, and become one at a rest', async () => {
    for (let batch = 0; batch < 20; batch++) await side.save(notesOf(batch, LARGE));
    expect(await parts()).toBe(20);
    let steps = 0;
    while (await place.database.transaction(mergeAtRest)) steps++;
    expect(steps).toBeGreaterThan(0);
    expect(await parts()).toBe(1);
    expect(await place.database.transaction(mergeAtRest)).toBe(false);
    expect(await side.find('common')).toHaveLength(20 * LARGE);
    expect(await side.find('b7n7word')).toEqual(['b7n7.md']);
  });

  test('stay few when notes are written one at a time, the same ones again and again', async () => {
    for (let round = 0; round < 10; round++) {
      for (let note = 0; note < 20; note++) {
        await side.save({ [`${note}.md`]: `common round${round}` }, round + 1);
        expect(await parts()).toBeLessThan(24);
      }
    }
    expect(await side.find('common')).toHaveLength(20);
    expect(await side.find('round8')).toEqual([]);
    expect(await side.find('round9')).toHaveLength(20);
  });
});
