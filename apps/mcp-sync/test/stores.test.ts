import { createLinkIndex, isNote } from '@weave-nn/vault';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { appendToLog } from '../src/store/event-log.ts';
import { eventOf } from './fixture/events.ts';
import { createPlace, type Place, providers } from './fixture/places.ts';
import { createReadSide, noteOf, type ReadSide } from './fixture/read-side.ts';

const MANY = 1_000;

describe.each(providers)('the read side on $provider', ({ provider, answers }) => {
  if (!answers) {
    test.skip('the server does not answer');
    return;
  }
  let place: Place;
  let side: ReadSide;

  beforeEach(async () => {
    place = await createPlace(provider);
    side = createReadSide(place.database);
  });
  afterEach(() => place.remove());

  describe('keeps notes', () => {
    test('by their newest sequence, and passes over older ones', async () => {
      await side.save({ 'A.md': 'second' }, 2);
      await side.save({ 'A.md': 'first' }, 1);
      await side.remove(['A.md'], 1);
      const { hash } = noteOf('A.md', 'second');
      expect(await side.notes.all()).toEqual(new Map([['A.md', { id: expect.any(Number), hash, sequence: 2 }]]));
      await side.save({ 'A.md': 'second' }, 3);
      expect((await side.notes.all()).get('A.md')).toMatchObject({ hash, sequence: 3 });
      await side.remove(['A.md'], 4);
      expect(await side.notes.count()).toBe(0);
    });

    test('that have ended, until they come again: nothing of before is brought back', async () => {
      await side.save({ 'A.md': 'first' }, 1);
      await side.remove(['A.md'], 2);
      expect(await side.notes.appliedSequence('A.md')).toBe(2);
      await side.save({ 'A.md': 'read before its end', 'B.md': 'another' }, 1);
      expect([...(await side.notes.all()).keys()]).toEqual(['B.md']);
      await side.save({ 'A.md': 'anew' }, 3);
      await side.remove(['A.md'], 2);
      expect(await side.notes.appliedSequence('A.md')).toBe(3);
      expect(await side.find('anew')).toEqual(['A.md']);
      await place.database.transaction((sql) => side.notes.clear(sql));
      await side.save({ 'A.md': 'of files whose count began anew' }, 1);
      expect(await side.find('began')).toEqual(['A.md']);
    });

    test('that come and go in one batch', async () => {
      await side.save({ 'Old.md': 'old', 'Linker.md': '[[Old]] [[New]]' });
      await place.database.transaction((sql) =>
        side.notes.apply(
          sql,
          [noteOf('New.md', 'new', 2), noteOf('Linker.md', '[[New]] [[Old]]', 2)],
          [
            { path: 'Old.md', sequence: 2 },
            { path: 'Unknown.md', sequence: 1 },
          ],
        ),
      );
      expect([...(await side.notes.all()).keys()].sort()).toEqual(['Linker.md', 'New.md']);
      expect(await side.targets('Linker.md')).toEqual(['New.md', null]);
    });

    test.runIf(provider === 'postgresql')('and lets nobody wait who has none to bring', async () => {
      await place.database.transaction(async (sql) => {
        await side.notes.apply(sql, [noteOf('A.md', 'a')], []);
        await place.database.transaction((other) => side.notes.apply(other, [], []));
      });
      expect(await side.notes.count()).toBe(1);
    });

    test('whose names differ only in case or in their accents', async () => {
      await side.save({ 'a.md': '1', 'A.md': '2', 'é.md': '3', 'e\u0301.md': '4' });
      expect(await side.notes.count()).toBe(4);
    });

    test('with more links, tags and headings than one statement takes, and longer ones than an index takes', async () => {
      const links = Array.from({ length: 12_000 }, (_, index) => `[[Target ${index % 7}]]`).join(' ');
      const headings = Array.from({ length: 3_000 }, (_, index) => `# heading ${index}`).join('\n');
      const long = 'x'.repeat(10_000);
      await side.save({
        'Many.md': `${links}\n\n${headings}\n`,
        'Long.md': `[[${long}]] #${long} #short\n\n# ${long}\n`,
        'Target 3.md': '',
      });
      expect((await side.graph.backlinks('Target 3.md', 0, 20_000)).length).toBe(Math.floor(12_000 / 7));
      expect(await side.graph.links('Long.md', 0, 9)).toMatchObject([{ link: long, target: null }]);
      expect(await side.graph.tags(0, 9)).toEqual([{ tag: 'short', count: 1 }]);
    });
  });

  describe('knows the link graph', () => {
    beforeEach(() =>
      side.save({
        'a.md': '[[b]] [[B|again]] ![[pic.png]] [[nowhere]] [[Nowhere]] [[a]] [[#part]]',
        'B.md': '[x](sub/c.md#h)\n\n[[nowhere]]',
        'sub/c.md': '---\nup: "[[a]]"\n---\nnothing',
        'É.md': 'alone',
        'Zoo.md': '[[Zoo]]',
        'pic.png': null,
      }),
    );

    test('both ways and in order', async () => {
      expect(await side.graph.links('a.md', 0, 3)).toEqual([
        { source: 'a.md', target: 'B.md', link: 'b', subpath: '', alias: null, embed: false, line: 1 },
        { source: 'a.md', target: 'B.md', link: 'B', subpath: '', alias: 'again', embed: false, line: 1 },
        { source: 'a.md', target: 'pic.png', link: 'pic.png', subpath: '', alias: null, embed: true, line: 1 },
      ]);
      expect((await side.graph.links('a.md', 3, MANY)).map(({ link }) => link)).toEqual(['nowhere', 'Nowhere', 'a']);
      expect((await side.graph.backlinks('a.md', 0, MANY)).map(({ source }) => source)).toEqual(['sub/c.md']);
      expect(await side.graph.backlinks('B.md', 1, MANY)).toMatchObject([{ source: 'a.md', alias: 'again' }]);
      expect(await side.graph.neighbours('a.md')).toEqual([
        { source: 'a.md', target: 'B.md' },
        { source: 'a.md', target: 'a.md' },
        { source: 'a.md', target: 'pic.png' },
        { source: 'sub/c.md', target: 'a.md' },
      ]);
      expect(await side.graph.has('É.md')).toBe(true);
      expect(await side.graph.has('é.md')).toBe(false);
    });

    test('with orphans and unresolved names in the order of their bytes', async () => {
      await side.save({ 'ä.md': '', 'z.md': '', '🙂.md': '', '\u{FF5E}.md': '' });
      const orphans = ['Zoo.md', 'z.md', 'É.md', 'ä.md', '\u{FF5E}.md', '🙂.md'];
      expect((await side.graph.orphans('', MANY)).map(({ path }) => path)).toEqual(orphans);
      expect((await side.graph.orphans('z.md', 2)).map(({ path }) => path)).toEqual(orphans.slice(2, 4));
      expect(await side.graph.unresolved(0, MANY)).toEqual([
        { link: 'nowhere', count: 2 },
        { link: 'Nowhere', count: 1 },
      ]);
      expect(await side.graph.unresolved(1, 1)).toEqual([{ link: 'Nowhere', count: 1 }]);
      expect(await side.graph.sourcesOf(['nowhere', 'none'])).toEqual(new Map([['nowhere', ['B.md', 'a.md']]]));
    });

    test('and follows notes that come, go and shadow others', async () => {
      await side.save({ 'Deep/Nowhere.md': '' });
      expect((await side.targets('a.md')).slice(3, 5)).toEqual(['Deep/Nowhere.md', 'Deep/Nowhere.md']);
      await side.save({ 'nowhere.md': '' });
      expect(await side.targets('B.md')).toEqual(['sub/c.md', 'nowhere.md']);
      await side.remove(['nowhere.md', 'Deep/Nowhere.md', 'B.md']);
      expect(await side.targets('a.md')).toEqual([null, null, 'pic.png', null, null, 'a.md']);
      expect(await side.graph.unresolved(0, 1)).toEqual([{ link: 'B', count: 1 }]);
    });
  });

  test('knows where a link with a path leads, whatever comes first', async () => {
    await side.save({ 'q.md': '[[sub/N]] [n](/sub/N.md) [[N]] [[N.md]] [[./N]]' });
    expect(await side.targets('q.md')).toEqual([null, null, null, null, null]);
    expect(await side.graph.unresolved(0, MANY)).toHaveLength(5);
    await side.save({ 'other/N.md': '' });
    expect(await side.targets('q.md')).toEqual([null, null, 'other/N.md', 'other/N.md', null]);
    await side.save({ 'sub/N.md': '' });
    expect(await side.targets('q.md')).toEqual(['sub/N.md', 'sub/N.md', 'sub/N.md', 'sub/N.md', null]);
    await side.save({ 'N.md': '' });
    expect(await side.targets('q.md')).toEqual(['sub/N.md', 'sub/N.md', 'N.md', 'N.md', 'N.md']);
    expect((await side.graph.backlinks('N.md', 0, MANY)).map(({ link }) => link)).toEqual(['N', 'N.md', './N']);
    expect((await side.graph.orphans('', MANY)).map(({ path }) => path)).toEqual(['other/N.md']);
    await side.remove(['N.md', 'sub/N.md']);
    expect(await side.targets('q.md')).toEqual([null, null, 'other/N.md', 'other/N.md', null]);
  });

  test('knows where links lead after any notes have come and gone, in any order', async () => {
    const paths = ['N.md', 'n.md', 'sub/N.md', 'sub/N', 'sub/deep/N.md', 'other/sub/N.md', 'other/N.md'];
    const links = ['N', 'N.md', 'sub/N', 'sub/N.md', 'deep/N', './N', '../N', '/sub/N', 'Sub/n', 'none/N'];
    const content = links.map((link) => `[[${link}]]`).join(' ');
    const sources = ['q.md', 'sub/q.md', 'other/sub/q.md'];
    const step = fc.record({ comes: fc.subarray(paths), goes: fc.subarray(paths) });
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 6 }), async (steps) => {
        await place.database.transaction((sql) => side.notes.clear(sql));
        const there = new Set(sources);
        await side.save(Object.fromEntries(sources.map((path) => [path, content])));
        for (const [index, { comes, goes }] of steps.entries()) {
          const sequence = index + 2;
          const gone = goes.filter((path) => !comes.includes(path)).map((path) => ({ path, sequence }));
          const present = comes.map((path) => noteOf(path, isNote(path) ? `${index}` : null, sequence));
          await place.database.transaction((sql) => side.notes.apply(sql, present, gone));
          for (const { path } of gone) there.delete(path);
          for (const path of comes) there.add(path);
          const files = createLinkIndex(there);
          for (const source of sources) {
            expect(await side.targets(source)).toEqual(links.map((link) => files.resolve(link, source)));
          }
        }
      }),
      { numRuns: 30 },
    );
  });

  test('counts tags, whatever their case, by the spelling whose bytes come first', async () => {
    await side.save({
      '1.md': '#Beta #alpha #ALPHA',
      '2.md': '#beta #été',
      '3.md': '---\ntags: [BETA, zeta]\n---\n#Été',
    });
    expect(await side.graph.tags(0, MANY)).toEqual([
      { tag: 'BETA', count: 3 },
      { tag: 'Été', count: 2 },
      { tag: 'alpha', count: 1 },
      { tag: 'zeta', count: 1 },
    ]);
    expect(await side.graph.tags(1, 1)).toEqual([{ tag: 'Été', count: 2 }]);
  });

  describe('keeps the event log', () => {
    const append = (...events: Parameters<ReadSide['eventLog']['additionOf']>[0]) =>
      place.database.transaction((sql) => appendToLog(sql, side.eventLog.additionOf(events)));

    test('in the order of its events, each once', async () => {
      expect(await side.eventLog.newest()).toBe(0);
      await append(eventOf('e1', 'a.md'), eventOf('e2', 'b.md'), eventOf('e3', 'c.md'));
      await append(eventOf('e2', 'b.md'), eventOf('e4', 'd.md'));
      const all = await side.eventLog.after(0, MANY);
      expect(all.map(({ body }) => JSON.parse(body).id)).toEqual(['e1', 'e2', 'e3', 'e4']);
      const positions = all.map(({ position }) => position);
      expect(positions).toEqual([...new Set(positions)].sort((one, other) => one - other));
      expect(await side.eventLog.after(positions[1] ?? 0, 1)).toEqual(all.slice(2, 3));
      expect(await side.eventLog.newest()).toBe(positions.at(-1));
      expect(await side.eventLog.fileEvents(0, 2)).toEqual(all.slice(0, 2));
    });

    test('as the events were, characters that a database refuses included', async () => {
      const event = eventOf('e1', `it's "q" \\ ü.md`, Number.MAX_SAFE_INTEGER, {
        t: 'a\0b',
        half: '\uD83D',
        '🙂': [null],
      });
      await append(event);
      const [logged] = await side.eventLog.after(0, MANY);
      expect(JSON.parse(logged?.body ?? '')).toEqual(event);
    });
  });
});
