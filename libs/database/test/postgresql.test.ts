import { setTimeout } from 'node:timers/promises';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type Database, type DatabaseError, membersOf, migrate, oneOfList, openDatabase } from '../src/index.ts';
import { createGate } from './fixture/gate.ts';
import {
  createPlace,
  type FixtureClient,
  migrationsFolder,
  onServer,
  type Place,
  providers,
} from './fixture/providers.ts';

const answers = providers.some((each) => each.provider === 'postgresql' && each.answers);

describe.skipIf(!answers)('a PostgreSQL schema', () => {
  let place: Place;
  let database: Database<FixtureClient>;

  beforeAll(async () => {
    place = await createPlace('postgresql');
    database = await openDatabase(place.options);
    await migrate(database, { folder: migrationsFolder });
    await database.transaction(async (sql) => {
      for (const name of ['a', 'b']) await sql.run('INSERT INTO counter VALUES (?, ?)', name, 0);
    });
  });
  afterAll(async () => {
    await database?.close();
    await place?.remove();
  });

  test.each(['transaction', 'prismaTransaction'] as const)('runs a %s again after a deadlock', async (kind) => {
    let tries = 0;
    const gates = { a: createGate(), b: createGate() };
    const cross = (first: 'a' | 'b', second: 'a' | 'b') => {
      const work = async (increment: (name: string) => Promise<unknown>) => {
        tries += 1;
        await increment(first);
        gates[first].open();
        await gates[second].passed;
        await increment(second);
      };
      const text = 'UPDATE counter SET value = value + 1 WHERE name = ?';
      if (kind === 'transaction') return database.transaction((sql) => work((name) => sql.run(text, name)));
      return database.prismaTransaction((client) =>
        work((name) => client.counter.update({ where: { name }, data: { value: { increment: 1 } } })),
      );
    };
    const before = await sum();
    await Promise.all([cross('a', 'b'), cross('b', 'a')]);
    expect(tries).toBeGreaterThan(2);
    expect(await sum()).toBe(before + 4);
  });

  async function sum(): Promise<number> {
    return (await database.read.get<{ sum: number }>('SELECT sum(value) AS sum FROM counter'))?.sum ?? 0;
  }

  test('does not commit what a caught error has already undone', async () => {
    const work = database.transaction(async (sql) => {
      await sql.run('UPDATE counter SET value = ?', 1_000);
      await sql.run('INSERT INTO counter VALUES (?, ?)', 'a', 1).catch(() => {});
    });
    await expect(work).rejects.toMatchObject({ code: 'statement-failed' });
    expect(await sum()).toBeLessThan(1_000);
  });

  test('outlives connections that the server ends', async () => {
    await database.check();
    await onServer(
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '${place.options.schema}'`,
    );
    await vi.waitFor(() => database.check(), { timeout: 5_000 });
  });

  test('outlives connections that the server ends while they are made, handed over and used', async () => {
    let over = false;
    let done = 0;
    const codes = new Set<unknown>();
    const working = Array.from({ length: 20 }, async () => {
      while (!over) {
        const work = database.transaction((sql) => sql.get('SELECT 1 AS one'));
        await work.then(
          () => done++,
          (error: Partial<DatabaseError>) => codes.add(error.code),
        );
      }
    });
    for (let times = 0; times < 150; times++) {
      await onServer(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '${place.options.schema}'`,
      );
      await setTimeout(Math.random() * 20);
    }
    over = true;
    await Promise.all(working);
    expect([...codes]).toEqual(['database-unreachable']);
    expect(done).toBeGreaterThan(0);
  });

  test('looks a few elements of a list up by an index, whatever else the table has', async () => {
    const undone = new Error('undone');
    const work = database.transaction(async (sql) => {
      await sql.run(`INSERT INTO counter SELECT 'counter ' || number, 0 FROM generate_series(1, 5000) AS number`);
      await sql.run('ANALYZE counter');
      const text = `SELECT value FROM counter WHERE name ${oneOfList('postgresql')}`;
      const list = membersOf(['counter 7', 'counter 4000', 'none']);
      expect(await sql.all(text, list)).toHaveLength(2);
      const plan = await sql.all<{ 'QUERY PLAN': string }>(`EXPLAIN ${text}`, list);
      expect(plan.map((line) => line['QUERY PLAN']).join('\n')).not.toContain('Seq Scan on counter');
      throw undone;
    });
    await expect(work).rejects.toBe(undone);
  });

  test('cancels a statement that takes too long', async () => {
    const impatient = await openDatabase({ ...place.options, statementTimeoutMs: 50 });
    await expect(impatient.read.get('SELECT pg_sleep(10)')).rejects.toMatchObject({ code: 'statement-timeout' });
    await impatient.close();
  });

  test('lets go of what a transaction has locked that nobody goes on with', async () => {
    const slow = await openDatabase({ ...place.options, statementTimeoutMs: 300 });
    const before = await sum();
    const hanging = slow.transaction(async (sql) => {
      await sql.run('UPDATE counter SET value = value + 1');
      await setTimeout(2_000);
      await sql.run('UPDATE counter SET value = value + 1');
    });
    const outcome = expect(hanging).rejects.toMatchObject({ code: 'database-unreachable' });
    await setTimeout(100);
    await database.transaction((sql) => sql.run(`UPDATE counter SET value = value + 5 WHERE name = 'a'`));
    await outcome;
    expect(await sum()).toBe(before + 5);
    await slow.close();
  });

  test('is busy while somebody else keeps a lock that a statement wants', async () => {
    const impatient = await openDatabase({ ...place.options, statementTimeoutMs: 300 });
    await database.transaction(async (sql) => {
      await sql.run('LOCK TABLE counter IN ACCESS EXCLUSIVE MODE');
      await expect(impatient.read.get('SELECT * FROM counter')).rejects.toMatchObject({ code: 'database-busy' });
      const writing = impatient.transaction((other) => other.run('UPDATE counter SET value = 0'));
      await expect(writing).rejects.toMatchObject({ code: 'database-busy' });
    });
    await impatient.close();
  });

  test('that cannot be reached is named without its password', async () => {
    const unreachable = openDatabase({ url: 'postgresql://me:secret@127.0.0.1:1/none' });
    await expect(unreachable).rejects.toMatchObject({
      code: 'database-unreachable',
      message: expect.stringMatching(/^(?!.*secret).*127\.0\.0\.1:1/),
    });
  });
});
