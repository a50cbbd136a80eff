import { type Runtime, systemRuntime } from '@weave-nn/config';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createLease, createLeaseRows, type Database, type Lease, openDatabase, type Term } from '../src/index.ts';
import { createGate } from './fixture/gate.ts';
import { createPlace, type Place, providers } from './fixture/providers.ts';

/** Milliseconds; short, since a lease's end is waited for. */
const DURATION = 600;
const TABLE =
  'CREATE TABLE lease (name TEXT PRIMARY KEY, owner TEXT, epoch BIGINT NOT NULL, expires_at BIGINT NOT NULL)';
const DAY = 24 * 3_600_000;

/** A runtime whose timers never fire, as in a process that is paused; its time goes on when told. */
function createPausedRuntime(): Runtime & { pass(milliseconds: number): void } {
  let elapsed = 0;
  return {
    ...systemRuntime,
    monotonic: () => elapsed,
    after: () => ({ cancel() {} }),
    pass(milliseconds) {
      elapsed += milliseconds;
    },
  };
}

describe.each(providers)('a lease on $provider', ({ provider, answers }) => {
  if (!answers) {
    test.skip('the server does not answer');
    return;
  }
  let place: Place;
  let databases: Database[];
  let leases: Lease[];
  let reports: string[];
  let said: string[];

  beforeEach(async () => {
    place = await createPlace(provider);
    databases = [];
    leases = [];
    reports = [];
    said = [];
    await (await open()).transaction((sql) => sql.run(TABLE));
  });
  afterEach(async () => {
    await Promise.all(leases.map((each) => each.stop()));
    await Promise.all(databases.map((each) => each.close()));
    await place.remove();
  });

  async function open(): Promise<Database> {
    const database = await openDatabase(place.options);
    databases.push(database);
    return database;
  }

  /** A process that asks for the lease, with a database of its own. */
  async function startHolder(owner: string, runtime: Runtime = systemRuntime) {
    const database = await open();
    const terms: Term[] = [];
    const lease = createLease({
      database,
      name: 'leader',
      owner,
      duration: DURATION,
      runtime,
      report: (message) => reports.push(message),
      log: { info: (details, message) => said.push(`${owner} ${message} ${JSON.stringify(details)}`) },
      work: (term) => {
        terms.push(term);
        return new Promise((resolve) => term.signal.addEventListener('abort', () => resolve()));
      },
    });
    leases.push(lease);
    lease.start();
    return {
      ...lease,
      database,
      terms,
      /** Its first term, or a later one. */
      term: (index = 0) => vi.waitFor(() => terms[index] ?? expect.fail(`${owner} has no term`), { timeout: 10_000 }),
    };
  }

  test('is held from the start to the stop', async () => {
    const holder = await startHolder('a');
    const term = await holder.term();
    expect(term.epoch).toBe(1);
    term.assertHeld();
    await holder.database.transaction((sql) => term.fence(sql));
    expect(term.signal.aborted).toBe(false);
    await holder.stop();
    expect(term.signal.aborted).toBe(true);
    expect(holder.terms).toHaveLength(1);
  });

  if (provider === 'sqlite') {
    test('costs no statement where one process has the database to itself', async () => {
      const holder = await startHolder('a');
      await holder.term();
      expect(await holder.database.read.all('SELECT * FROM lease')).toEqual([]);
    });
    return;
  }

  const row = () =>
    databases[0]?.read.get<{ owner: string | null; epoch: number; expires_at: number }>('SELECT * FROM lease');
  const expiry = async () => (await row())?.expires_at ?? 0;

  test('is told of by whoever gains it and gives it back', async () => {
    const holder = await startHolder('a');
    await holder.term();
    await holder.stop();
    const details = '{"lease":"leader","epoch":1}';
    expect(said).toEqual([`a leadership gained ${details}`, `a leadership ended ${details}`]);
  });

  test('is given back at the stop, so that the next has it at once', async () => {
    const first = await startHolder('a');
    await first.term();
    const second = await startHolder('b');
    await first.stop();
    expect((await second.term()).epoch).toBe(2);
    expect((await row())?.owner).toBe('b');
  });

  test('is never held by two, and its epoch rises with every owner', async () => {
    const holders = await Promise.all(['a', 'b', 'c'].map((owner) => startHolder(owner)));
    const epochs: number[] = [];
    for (const _ of holders) {
      const holding = await vi.waitFor(
        () => holders.find(({ terms }) => terms.at(-1)?.signal.aborted === false) ?? expect.fail('nobody has it'),
        { timeout: 10_000 },
      );
      expect(holders.filter(({ terms }) => terms.at(-1)?.signal.aborted === false)).toEqual([holding]);
      epochs.push(holding.terms.at(-1)?.epoch ?? 0);
      await holding.stop();
    }
    expect(epochs).toEqual([1, 2, 3]);
  });

  test('is taken from a holder that hangs, whose transactions are refused when it wakes up', async () => {
    const clock = createPausedRuntime();
    const hanging = await startHolder('a', clock);
    const stale = await hanging.term();
    const next = await startHolder('b');
    expect((await next.term()).epoch).toBe(2);
    await expect(hanging.database.transaction((sql) => stale.fence(sql))).rejects.toMatchObject({ code: 'lease-lost' });
    clock.pass(DURATION);
    expect(() => stale.assertHeld()).toThrow(expect.objectContaining({ code: 'lease-lost' }));
  });

  test('is taken from a holder that hangs inside a transaction, which then cannot commit', async () => {
    const hanging = await startHolder('a', createPausedRuntime());
    const stale = await hanging.term();
    const awake = createGate();
    const fenced = createGate();
    const late = hanging.database.transaction(async (sql) => {
      await stale.fence(sql);
      await sql.run(`INSERT INTO lease VALUES ('late', NULL, 0, 0)`);
      fenced.open();
      await awake.passed;
    });
    await fenced.passed;
    await (await startHolder('b')).term();
    awake.open();
    await expect(late).rejects.toThrow();
    expect(await databases[0]?.read.get(`SELECT 1 FROM lease WHERE name = 'late'`)).toBeUndefined();
  });

  test('is renewed while fenced transactions are open', async () => {
    const holder = await startHolder('a');
    const term = await holder.term();
    await holder.database.transaction(async (sql) => {
      await term.fence(sql);
      const before = await expiry();
      await vi.waitFor(async () => {
        await sql.get('SELECT 1');
        expect(await expiry()).toBeGreaterThan(before);
      });
    });
    expect(term.signal.aborted).toBe(false);
  });

  test('stays where it is when the clocks of the machines jump', async () => {
    let offset = 0;
    const jumping: Runtime = { ...systemRuntime, now: () => Date.now() + offset };
    const holder = await startHolder('a', jumping);
    await holder.term();
    const other = await startHolder('b', jumping);
    for (const step of [DAY, -2 * DAY, DAY]) {
      offset += step;
      const before = await expiry();
      await vi.waitFor(async () => expect(await expiry()).toBeGreaterThan(before), { timeout: 5_000 });
    }
    expect(other.terms).toEqual([]);
    expect((await row())?.epoch).toBe(1);
  });

  test('is lost when the server is away for too long, and asked for again', async () => {
    const holder = await startHolder('a');
    const term = await holder.term();
    await databases[0]?.transaction((sql) => sql.run('ALTER TABLE lease RENAME TO away'));
    await vi.waitFor(() => expect(term.signal.aborted).toBe(true), { timeout: 10_000 });
    await databases[0]?.transaction((sql) => sql.run('ALTER TABLE away RENAME TO lease'));
    expect((await holder.term(1)).epoch).toBe(2);
    expect(reports).toContain('lease leader: lost');
  });

  test('whose time is over can be taken away for good', async () => {
    const hanging = await startHolder('a', createPausedRuntime());
    const stale = await hanging.term();
    const rows = createLeaseRows(databases[0] as Database);
    expect(await rows.holders('lead')).toEqual([{ owner: 'a', epoch: 1 }]);
    expect(await rows.epochOf('leader')).toBe(1);
    await vi.waitFor(async () => expect(await rows.anyLapsed('lead')).toBe(true), { timeout: 5_000 });
    expect(await rows.epochOf('leader')).toBeUndefined();
    await databases[0]?.transaction((sql) => rows.revokeLapsed(sql, 'l_ad'));
    expect(await rows.holders('lead')).toHaveLength(1);
    await databases[0]?.transaction((sql) => rows.revokeLapsed(sql, 'lead'));
    expect(await rows.holders('lead')).toEqual([]);
    await expect(hanging.database.transaction((sql) => stale.fence(sql))).rejects.toMatchObject({ code: 'lease-lost' });
    expect((await (await startHolder('b')).term()).epoch).toBe(3);
  });
});
