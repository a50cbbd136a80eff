import { setImmediate } from 'node:timers/promises';
import type { Database } from '@weave-nn/database';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ReadSideDatabase } from '../src/store/client.ts';
import { appendToLog } from '../src/store/event-log.ts';
import { eventOf } from './fixture/events.ts';
import { createPlace, type Place, providers } from './fixture/places.ts';
import { createReadSide, noteOf, type ReadSide } from './fixture/read-side.ts';

const ROUNDS = 20;
const MANY = 100_000;

/** A transaction that has done its work and stays open until `commit`. */
async function holdOpen(database: Database, work: Parameters<Database['transaction']>[0]) {
  const worked = Promise.withResolvers<void>();
  const allowed = Promise.withResolvers<void>();
  const ended = database.transaction(async (sql) => {
    await work(sql);
    worked.resolve();
    await allowed.promise;
  });
  await Promise.race([worked.promise, ended]);
  return {
    async commit() {
      allowed.resolve();
      await ended;
    },
  };
}

describe.each(providers)('two replicas on $provider', ({ provider, answers }) => {
  if (!answers) {
    test.skip('the server does not answer');
    return;
  }
  let place: Place;
  let databases: [ReadSideDatabase, ReadSideDatabase];
  let sides: [ReadSide, ReadSide];

  beforeEach(async () => {
    place = await createPlace(provider);
    databases = [place.database, await place.open()];
    sides = [createReadSide(databases[0]), createReadSide(databases[1])];
  });
  afterEach(() => place.remove());

  test('leave no link without its target when one indexes the link and the other the note', async () => {
    const [one, other] = sides;
    for (let round = 0; round < ROUNDS; round++) {
      await Promise.all([
        one.save({ [`Target ${round}.md`]: `[[Linker ${round}]]` }),
        other.save({ [`Linker ${round}.md`]: `[[Target ${round}]]` }),
      ]);
    }
    expect(await one.graph.unresolved(0, MANY)).toEqual([]);
    for (let round = 0; round < ROUNDS; round++) {
      expect(await other.targets(`Linker ${round}.md`)).toEqual([`Target ${round}.md`]);
    }
  });

  test('leave no link to a note that one removes while the other indexes the link', async () => {
    const [one, other] = sides;
    for (let round = 0; round < ROUNDS; round++) {
      await one.save({ [`Target ${round}.md`]: '' });
      await Promise.all([
        one.remove([`Target ${round}.md`]),
        other.save({ [`Linker ${round}.md`]: `[[Target ${round}]]` }),
      ]);
      expect(await one.targets(`Linker ${round}.md`)).toEqual([null]);
    }
  });

  test('index the same notes, in opposite order, without an error, and keep the newest', async () => {
    const paths = Array.from({ length: 30 }, (_, index) => `Note ${index}.md`);
    const text = (index: number, sequence: number) => `[[Note ${(index + 1) % 30}]] word${sequence} #tag${sequence}`;
    const files = (sequence: number, order: readonly string[]) =>
      Object.fromEntries(order.map((path) => [path, text(paths.indexOf(path), sequence)]));
    for (let sequence = 1; sequence <= 10; sequence += 2) {
      await Promise.all([
        sides[0].save(files(sequence, paths), sequence),
        sides[1].save(files(sequence + 1, paths.toReversed()), sequence + 1),
      ]);
    }
    expect(await sides[0].graph.tags(0, MANY)).toEqual([{ tag: 'tag10', count: 30 }]);
    expect(await sides[0].graph.unresolved(0, MANY)).toEqual([]);
    expect((await sides[1].find('word10')).length).toBe(30);
    expect(await sides[1].find('word9')).toEqual([]);
  });

  test('rebuild while the other goes on', async () => {
    const [one, other] = sides;
    const files = Object.fromEntries(
      Array.from({ length: 40 }, (_, index) => [`Note ${index}.md`, `[[Note ${39 - index}]] [[Late]] word`]),
    );
    await one.save(files);
    await Promise.all([
      (async () => {
        await databases[0].transaction((sql) => one.notes.clear(sql));
        await one.save(files);
      })(),
      other.save({ 'Late.md': '[[Note 0]]' }),
      other.save({ 'Note 0.md': '[[Late]] newer' }, 2),
    ]);
    await other.save({ 'Late.md': '[[Note 0]]', 'Note 0.md': '[[Late]] newer' }, 3);
    expect(await one.notes.count()).toBe(41);
    expect(await one.graph.unresolved(0, MANY)).toEqual([]);
    expect((await one.find('word')).length).toBe(39);
    expect(await one.find('newer')).toEqual(['Note 0.md']);
  });

  test('hide no event from one who follows the log', async () => {
    const writers = [0, 1, 2, 3].map(async (writer) => {
      const database = databases[writer % 2] as Database;
      const { eventLog } = sides[writer % 2] as ReadSide;
      for (let batch = 0; batch < 15; batch++) {
        const events = Array.from({ length: 3 }, (_, index) => eventOf(`${writer}-${batch}-${index}`, `${writer}.md`));
        await database.transaction((sql) => appendToLog(sql, eventLog.additionOf(events)));
      }
    });
    let writing = true;
    const written = Promise.all(writers).finally(() => {
      writing = false;
    });
    const followed: string[] = [];
    let position = 0;
    for (let last = false; !last; ) {
      last = !writing;
      await setImmediate();
      for (const event of await sides[0].eventLog.after(position, MANY)) {
        position = event.position;
        followed.push(JSON.parse(event.body).id);
      }
    }
    await written;
    expect(new Set(followed).size).toBe(4 * 15 * 3);
    expect(followed.length).toBe(4 * 15 * 3);
  });

  if (provider === 'sqlite') return;
  test('wait for one another where they write the same part', async () => {
    const [one, other] = databases;
    const waiting = async () => {
      const row = await one.read.get<{ total: number }>(
        `SELECT count(*) AS total FROM pg_locks WHERE locktype = 'advisory' AND NOT granted
         AND classid::bigint = hashtext(current_schema())::bigint & 4294967295`,
      );
      expect(row?.total).toBe(1);
    };
    const indexing = await holdOpen(one, (sql) => sides[0].notes.apply(sql, [noteOf('Target.md', '')], []));
    const logging = other.transaction((sql) => appendToLog(sql, sides[1].eventLog.additionOf([eventOf('e0', 'a.md')])));
    await logging;
    const linking = sides[1].save({ 'Linker.md': '[[Target]]' });
    await vi.waitFor(waiting, 10_000);
    await indexing.commit();
    await linking;
    expect(await sides[0].targets('Linker.md')).toEqual(['Target.md']);

    const first = await holdOpen(one, (sql) => appendToLog(sql, sides[0].eventLog.additionOf([eventOf('e1', 'a.md')])));
    const second = other.transaction((sql) => appendToLog(sql, sides[1].eventLog.additionOf([eventOf('e2', 'a.md')])));
    await vi.waitFor(waiting, 10_000);
    expect(await sides[0].eventLog.after(0, MANY)).toHaveLength(1);
    await first.commit();
    await second;
    const ids = (await sides[0].eventLog.after(0, MANY)).map(({ body }) => JSON.parse(body).id);
    expect(ids).toEqual(['e0', 'e1', 'e2']);
  });
});
