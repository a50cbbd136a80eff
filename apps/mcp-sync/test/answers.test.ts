import { freePort, hasServers, until } from '@weave-nn/testing';
import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';
import { createReplicas, type Replica, type Replicas, withRedis } from './fixture/replicas.ts';

/** Processes start in it. */
const LONG = { timeout: 120_000 };
/** Longer than an answer is kept. */
const OUTLASTING = 45_000;
const ways = [
  { way: 'in Redis', settings: withRedis },
  { way: 'each by itself', settings: {} },
];

describe.skipIf(!(await hasServers()))('answers that replicas of the read side keep', () => {
  let replicas: Replicas;
  beforeAll(async () => {
    replicas = await createReplicas({ 'A.md': '#first\n' });
  });
  afterEach(() => replicas?.stopAll());
  afterAll(() => replicas?.remove());

  /** Starts two, and has a note of this tag indexed. */
  async function startTwo(tag: string, settings: Readonly<Record<string, string>>): Promise<[Replica, Replica]> {
    const both = await Promise.all([replicas.start(settings), replicas.start(settings)]);
    await replicas.write('A.md', `#${tag}\n`);
    for (const each of both) await until('it has the tag', async () => (await each.tags()).includes(tag));
    return both;
  }

  /** Answers end by themselves long after this has given up. */
  const comeTo = (replica: Replica, tags: readonly string[]) =>
    until(`its tags are ${tags}`, async () => `${await replica.tags()}` === `${tags}`);

  test.each(ways)(
    '$way are used again until an event has changed the index, for every replica',
    LONG,
    async ({ way, settings }) => {
      const [one, other] = await startTwo(way.replaceAll(' ', '-'), settings);
      const tagsOfBoth = () => Promise.all([one.tags(), other.tags()]);
      const change = (text: string) => replicas.database.transaction((sql) => sql.run(text));
      await until(
        'what is asked for again is not read again',
        async () => {
          const kept = await tagsOfBoth();
          await change(`UPDATE tag SET tag = tag || '-unseen', tag_key = tag_key || '-unseen'`);
          const again = await tagsOfBoth();
          await change(`UPDATE tag SET tag = replace(tag, '-unseen', ''), tag_key = replace(tag_key, '-unseen', '')`);
          // A replica may have heard of the last write only now.
          return `${again}` === `${kept}` && !`${kept}`.includes('unseen');
        },
        OUTLASTING,
      );
      await change('DELETE FROM tag');
      for (let version = 1; version <= 5; version++) {
        await replicas.write('B.md', `#tag${version} [[Nowhere ${version}]]\n`);
        for (const each of [one, other]) {
          await comeTo(each, [`tag${version}`]);
          expect(await each.get('/v1/graph/unresolved')).toMatchObject({ items: [{ link: `Nowhere ${version}` }] });
        }
      }
    },
  );

  test('include at once what somebody has waited for', LONG, async () => {
    const [one, other] = await startTwo('waiting', withRedis);
    for (let version = 1; version <= 10; version++) {
      const sequence = await replicas.write('B.md', `#tag${version}\n`);
      const [waiting, reading] = version % 2 ? [one, other] : [other, one];
      const applied = await waiting.get(`/internal/applied?path=B.md&sequence=${sequence}&timeout=10000`);
      expect(applied).toEqual({ applied: true });
      expect(await waiting.tags()).toEqual([`tag${version}`, 'waiting']);
      expect(await reading.tags()).toEqual([`tag${version}`, 'waiting']);
    }
  });

  test('are kept by each replica while Redis is away, which its readiness tells', LONG, async () => {
    const [one, other] = await startTwo('away', { REDIS_URL: `redis://127.0.0.1:${await freePort()}` });
    expect(await one.get('/ready')).toMatchObject({ status: 'ready', dependencies: { cache: { status: 'degraded' } } });
    await replicas.write('B.md', '#second\n');
    for (const each of [one, other]) await comeTo(each, ['away', 'second']);
  });
});
