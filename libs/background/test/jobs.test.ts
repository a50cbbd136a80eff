import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Type } from '@weave-nn/config';
import { until } from '@weave-nn/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { defineJob, type JobStep, type Jobs, type Json } from '../src/index.ts';
import { createBackgroundPlace, openJobs, type Place, providers } from './fixture/place.ts';

const program = join(import.meta.dirname, 'fixture/job-process.ts');

const request = (kind: string, input: Json = {}) => ({ kind, input, caller: { id: 'someone' } });

describe.for(providers.filter(({ answers }) => answers))('jobs on $provider', ({ provider }) => {
  let place: Place;
  let opened: Jobs[] = [];

  beforeEach(async () => {
    place = await createBackgroundPlace(provider);
  });
  afterEach(async () => {
    await Promise.all(opened.map((jobs) => jobs.stop()));
    opened = [];
    await place.remove();
  });

  /** Jobs of one kind, `work`, that are being worked on. */
  function run(steps: readonly JobStep<never>[], concurrency = 1): Jobs {
    const definitions = [
      defineJob({ kind: 'work', input: Type.Object({}), concurrency, steps: steps as readonly JobStep<object>[] }),
    ];
    const jobs = openJobs(place.database, { definitions });
    opened.push(jobs);
    jobs.run();
    return jobs;
  }

  async function ended(jobs: Jobs, id: string) {
    await until('the job has ended', async () => (await jobs.find(id)).endedAt !== null);
    return jobs.find(id);
  }

  test('do their steps in order, hand results on, and tell how far they are', async () => {
    const gate = Promise.withResolvers<void>();
    const jobs = run([
      { name: 'count', run: async () => 3 },
      {
        name: 'double',
        async run({ results, reportProgress, job }) {
          expect(job.caller).toEqual({ id: 'someone' });
          reportProgress({ done: 1, total: 2 });
          await gate.promise;
          return { doubled: (results.get('count') as number) * 2 };
        },
      },
    ]);
    const { id, state } = await jobs.start(request('work'));
    expect(state).toBe('queued');
    await until('the second step runs', async () => (await jobs.find(id)).steps.length === 1);
    gate.resolve();
    expect(await ended(jobs, id)).toMatchObject({
      state: 'succeeded',
      attempt: 1,
      result: { doubled: 6 },
      progress: { done: 1, total: 2 },
      error: null,
    });
  });

  test('compensate completed steps in reverse order when one fails', async () => {
    const journal: string[] = [];
    const step = (name: string): JobStep<never> => ({
      name,
      async run() {
        journal.push(name);
      },
      async compensate() {
        journal.push(`undo ${name}`);
      },
    });
    const jobs = run([
      step('first'),
      step('second'),
      {
        name: 'third',
        async run() {
          throw Object.assign(new Error('the disk is full'), { code: 'disk-full' });
        },
      },
    ]);
    const { id } = await jobs.start(request('work'));
    expect(await ended(jobs, id)).toMatchObject({
      state: 'failed',
      error: { code: 'disk-full', message: 'the disk is full' },
      steps: [],
      result: null,
    });
    expect(journal).toEqual(['first', 'second', 'undo second', 'undo first']);
  });

  test('try a step as often as it says', async () => {
    let tries = 0;
    const jobs = run([
      {
        name: 'flaky',
        maxAttempts: 2,
        async run() {
          if (++tries === 1) throw new Error('not yet');
          return tries;
        },
      },
    ]);
    const { id } = await jobs.start(request('work'));
    expect(await ended(jobs, id)).toMatchObject({ state: 'succeeded', result: 2 });
  });

  test('are cancelled while they run and while they wait, and an ended one is not', async () => {
    const undone: string[] = [];
    const jobs = run([
      {
        name: 'prepare',
        async run() {},
        async compensate() {
          undone.push('prepare');
        },
      },
      {
        name: 'wait',
        run: ({ signal }) =>
          new Promise<void>((_, reject) =>
            signal.addEventListener('abort', () => reject(signal.reason), { once: true }),
          ),
      },
    ]);
    const one = await jobs.start(request('work'));
    const other = await jobs.start(request('work'));
    await until('the first waits', async () => (await jobs.find(one.id)).steps.length === 1);
    await jobs.cancel(other.id);
    await jobs.cancel(one.id);
    expect(await ended(jobs, one.id)).toMatchObject({ state: 'cancelled', error: { code: 'job-cancelled' } });
    expect(await ended(jobs, other.id)).toMatchObject({ state: 'cancelled', steps: [] });
    expect(undone).toEqual(['prepare']);
    await expect(jobs.cancel(one.id)).rejects.toMatchObject({ code: 'job-ended' });
    await expect(jobs.cancel('none')).rejects.toMatchObject({ code: 'job-not-found' });
  });

  test('run as many at a time as their kind says, and one at a time of a key', async () => {
    let active = 0;
    let most = 0;
    const gate = Promise.withResolvers<void>();
    const jobs = run(
      [
        {
          name: 'only',
          async run() {
            most = Math.max(most, ++active);
            await gate.promise;
            active--;
          },
        },
      ],
      2,
    );
    const keyed = await jobs.start({ ...request('work'), key: 'same' });
    expect((await jobs.start({ ...request('work'), key: 'same' })).id).toBe(keyed.id);
    const others = [await jobs.start(request('work')), await jobs.start(request('work'))];
    await until('two run', () => active === 2);
    gate.resolve();
    for (const { id } of others) await ended(jobs, id);
    expect(most).toBe(2);
    await ended(jobs, keyed.id);
    expect((await jobs.start({ ...request('work'), key: 'same' })).id).not.toBe(keyed.id);
  });

  test('are listed from the newest on, by page and state', async () => {
    const jobs = run([{ name: 'only', async run() {} }]);
    const ids: string[] = [];
    for (let count = 0; count < 3; count++) ids.push((await jobs.start(request('work'))).id);
    for (const id of ids) await ended(jobs, id);
    const [newest, ...others] = await jobs.list({ kinds: ['work'], limit: 2 });
    expect([newest?.id, ...others.map(({ id }) => id)]).toEqual([ids[2], ids[1]]);
    const rest = await jobs.list({ kinds: ['work'], before: ids[1], state: 'succeeded', limit: 2 });
    expect(rest.map(({ id }) => id)).toEqual([ids[0]]);
    expect(await jobs.list({ kinds: ['work'], state: 'failed', limit: 2 })).toEqual([]);
    expect(await jobs.list({ kinds: [], limit: 2 })).toEqual([]);
  });

  test('refuse a kind that is unknown and an input that is wrong', async () => {
    const definition = defineJob({ kind: 'work', input: Type.Object({ count: Type.Integer() }), steps: [] });
    const jobs = openJobs(place.database, { definitions: [definition] });
    await expect(jobs.start(request('else'))).rejects.toMatchObject({ code: 'job-unknown' });
    await expect(jobs.start(request('work', { count: 'x' }))).rejects.toMatchObject({
      code: 'job-input-invalid',
      message: 'work: count must be integer',
    });
  });

  test('are part of the transaction that adds them', async () => {
    const jobs = openJobs(place.database, {
      definitions: [defineJob({ kind: 'work', input: Type.Object({}), steps: [] })],
    });
    let id = '';
    const undone = place.database.transaction(async (sql) => {
      ({ id } = await jobs.add(sql, request('work')));
      throw new Error('undone');
    });
    await expect(undone).rejects.toThrow('undone');
    await expect(jobs.find(id)).rejects.toMatchObject({ code: 'job-not-found' });
  });

  describe('across processes', () => {
    let journal: string;
    let child: ChildProcess | undefined;

    beforeEach(() => {
      journal = join(place.folder, 'journal');
      writeFileSync(journal, '');
    });
    afterEach(() => child?.kill('SIGKILL'));

    const lines = () => readFileSync(journal, 'utf8').trim().split('\n');
    /** Adds jobs for processes that do the work. */
    const adding = () =>
      openJobs(place.database, {
        definitions: [defineJob({ kind: 'three-steps', input: Type.Object({ fails: Type.Boolean() }), steps: [] })],
      });

    function spawnWorker(hangsIn = ''): void {
      child = spawn(process.execPath, [program, JSON.stringify(place.options), journal, hangsIn], { stdio: 'inherit' });
    }

    async function end(signal: 'SIGKILL' | 'SIGTERM'): Promise<void> {
      const exited = once(child as ChildProcess, 'exit');
      child?.kill(signal);
      await exited;
    }

    test('a job whose process is killed resumes at its step in the next one', async () => {
      const jobs = adding();
      const { id } = await jobs.start(request('three-steps', { fails: false }));
      spawnWorker('second');
      await until('the second step runs', () => lines().includes('second'));
      await end('SIGKILL');
      spawnWorker();
      expect(await ended(jobs, id)).toMatchObject({ state: 'succeeded', attempt: 2, result: 'done' });
      expect(lines()).toEqual(['first', 'second', 'second', 'third']);
    });

    test('a job whose process is killed while it compensates goes on compensating', async () => {
      const jobs = adding();
      const { id } = await jobs.start(request('three-steps', { fails: true }));
      spawnWorker('undo second');
      await until('it compensates', () => lines().includes('undo second'));
      await end('SIGKILL');
      spawnWorker();
      expect(await ended(jobs, id)).toMatchObject({ state: 'failed', error: { message: 'the third step fails' } });
      expect(lines()).toEqual(['first', 'second', 'third', 'undo second', 'undo second', 'undo first']);
    });

    test('a job that ends its process again and again is given up', async () => {
      const jobs = adding();
      const { id } = await jobs.start(request('three-steps', { fails: false }));
      for (let deaths = 1; deaths <= 5; deaths++) {
        spawnWorker('second');
        await until('the second step runs', () => lines().filter((line) => line === 'second').length === deaths);
        await end('SIGKILL');
      }
      spawnWorker();
      const job = await ended(jobs, id);
      expect(job).toMatchObject({ state: 'failed', error: { code: 'job-abandoned' } });
      expect(lines().at(-1)).toBe('undo first');
    }, 60_000);
  });
});
