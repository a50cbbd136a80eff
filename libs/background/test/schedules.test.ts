import { systemRuntime, Type } from '@weave-nn/config';
import { until } from '@weave-nn/testing';
import { describe, expect, test } from 'vitest';
import { type AfterDowntime, defineJob, defineSchedule, type Jobs } from '../src/index.ts';
import { createBackgroundPlace, openJobs, type Place, providers } from './fixture/place.ts';

const HOUR = 3_600_000;
const noon = Date.parse('2026-03-01T12:00:00Z');

const daily = (afterDowntime: AfterDowntime) =>
  defineSchedule({
    name: 'daily',
    cron: '0 * * * *',
    timeZone: 'UTC',
    afterDowntime,
    kind: 'report',
    input: (dueAt) => ({ dueAt }),
  });

describe('a schedule', () => {
  test('refuses what is no cron expression or time zone', () => {
    const define = (cron: string, timeZone = 'UTC') =>
      defineSchedule({ name: 'wrong', cron, timeZone, afterDowntime: 'skip', kind: 'report' });
    expect(() => define('every day')).toThrow('the schedule wrong');
    expect(() => define('0 0 * * *', 'Mars/Olympus')).toThrow('the schedule wrong');
    expect(define('0 0 31 2 *').next(noon)).toBeUndefined();
  });

  test('keeps to its time zone when clocks are changed', () => {
    const { next } = defineSchedule({
      name: 'morning',
      cron: '0 8 * * *',
      timeZone: 'Europe/Berlin',
      afterDowntime: 'skip',
      kind: 'report',
    });
    const before = next(Date.parse('2026-03-28T00:00:00Z')) ?? 0;
    expect(new Date(before).toISOString()).toBe('2026-03-28T07:00:00.000Z');
    expect(new Date(next(before) ?? 0).toISOString()).toBe('2026-03-29T06:00:00.000Z');
  });
});

describe.for(providers.filter(({ answers }) => answers))('schedules on $provider', ({ provider }) => {
  async function withPlace(work: (place: Place) => Promise<void>): Promise<void> {
    const place = await createBackgroundPlace(provider);
    try {
      await work(place);
    } finally {
      await place.remove();
    }
  }

  const reports = defineJob({
    kind: 'report',
    input: Type.Object({ dueAt: Type.Integer() }),
    steps: [{ name: 'only', async run() {} }],
  });

  /** Runs a process of the schedule at a time until it has looked at it. */
  async function runAt(place: Place, now: number, afterDowntime: AfterDowntime): Promise<void> {
    const jobs = openJobs(place.database, {
      definitions: [reports],
      schedules: [daily(afterDowntime)],
      runtime: { ...systemRuntime, now: () => now },
    });
    jobs.run();
    await until('the schedule has been looked at', async () => {
      const [schedule] = await jobs.schedules();
      return schedule?.nextAt !== null && (schedule?.nextAt ?? 0) > now && (await isKnown(place));
    });
    await jobs.stop();
  }

  const isKnown = async (place: Place) =>
    (await place.database.read.all('SELECT name FROM background_schedule')).length === 1;

  async function dueTimes(place: Place): Promise<number[]> {
    const jobs: Jobs = openJobs(place.database, { definitions: [reports] });
    const listed = await jobs.list({ kinds: ['report'], limit: 100 });
    return listed.map(({ input }) => (input as { dueAt: number }).dueAt).reverse();
  }

  test.each([
    ['skip', []],
    ['once', [noon + 3 * HOUR]],
    ['each', [noon + HOUR, noon + 2 * HOUR, noon + 3 * HOUR]],
  ] as const)('after a downtime %s what was missed', (afterDowntime, expected) =>
    withPlace(async (place) => {
      await runAt(place, noon, afterDowntime);
      expect(await dueTimes(place)).toEqual([]);
      await runAt(place, noon + 3.5 * HOUR, afterDowntime);
      expect(await dueTimes(place)).toEqual(expected);
    }),
  );

  test('meet a due time that has just passed', () =>
    withPlace(async (place) => {
      await runAt(place, noon, 'skip');
      await runAt(place, noon + HOUR + 5_000, 'skip');
      expect(await dueTimes(place)).toEqual([noon + HOUR]);
    }));

  test('follow a clock that is set back, without meeting a time twice', () =>
    withPlace(async (place) => {
      await runAt(place, noon + HOUR / 2, 'once');
      await runAt(place, noon + 48.5 * HOUR, 'once');
      await runAt(place, noon + 2.5 * HOUR, 'once');
      await runAt(place, noon + 3.5 * HOUR, 'once');
      expect(await dueTimes(place)).toEqual([noon + 48 * HOUR, noon + 3 * HOUR]);
    }));

  test('start one job for a due time on however many processes', () =>
    withPlace(async (place) => {
      await runAt(place, noon, 'once');
      const later = { ...systemRuntime, now: () => noon + HOUR + 1_000 };
      const databases = provider === 'sqlite' ? [place.database] : [await place.open(), await place.open()];
      const processes = databases.map((database) =>
        openJobs(database, { definitions: [reports], schedules: [daily('once')], runtime: later }),
      );
      for (const jobs of processes) jobs.run();
      await until('the job is there', async () => (await dueTimes(place)).length > 0);
      await processes[0]?.stop();
      await Promise.all(processes.map((jobs) => jobs.stop()));
      expect(await dueTimes(place)).toEqual([noon + HOUR]);
    }));
});
