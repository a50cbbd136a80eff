import type { Runtime } from '@weave-nn/config';
import type { Database, Sql, Term } from '@weave-nn/database';
import { Cron } from 'croner';
import { BackgroundError } from '../errors.ts';
import type { Job, JobRequest, Json } from '../jobs/job.ts';
import type { JobStore } from '../jobs/store.ts';
import type { WorkerLog } from '../worker.ts';

/** A due time is still met so many milliseconds later. */
const GRACE_MS = 60_000;
/** A clock that was set back by more than this is followed. */
const MAX_AHEAD_MS = 3_600_000;
const MAX_MISSED = 100;

/** What happens to due times at which no process ran: nothing, one job for all of them, or one for each. */
export type AfterDowntime = 'skip' | 'once' | 'each';

/** Starts a job at due times. */
export interface Schedule {
  name: string;
  afterDowntime: AfterDowntime;
  /** The first due time after a time; undefined when there is none. Both in milliseconds since 1970. */
  next(after: number): number | undefined;
  /** The job for a due time. */
  request(dueAt: number): JobRequest;
}

/**
 * Defines a schedule.
 *
 * @param options.cron five or six fields, as croner reads them (github.com/hexagon/croner)
 * @param options.timeZone an IANA name; the machine's own when left out
 * @throws BackgroundError `schedule-invalid`
 */
export function defineSchedule(options: {
  name: string;
  cron: string;
  timeZone?: string;
  afterDowntime: AfterDowntime;
  kind: string;
  input?: (dueAt: number) => Json;
}): Schedule {
  const { name, cron, timeZone, afterDowntime, kind, input = () => ({}) } = options;
  let pattern: Cron;
  try {
    pattern = new Cron(cron, { paused: true, ...(timeZone === undefined ? {} : { timezone: timeZone }) });
    pattern.nextRun();
  } catch (error) {
    throw new BackgroundError('schedule-invalid', `the schedule ${name}: ${(error as Error).message}`);
  }
  return {
    name,
    afterDowntime,
    next: (after) => pattern.nextRun(new Date(after))?.getTime(),
    request: (dueAt) => ({ kind, input: input(dueAt), caller: null }),
  };
}

export interface DueOptions {
  store: JobStore;
  database: Database;
  term: Term;
  runtime: Runtime;
  log: WorkerLog;
  add(sql: Sql, request: JobRequest): Promise<Job>;
}

/** The due times after one and up to another, the first hundred of them. */
function dueTimes({ next }: Schedule, after: number, until: number): number[] {
  const times: number[] = [];
  for (let at = next(after); at !== undefined && at <= until && times.length < MAX_MISSED; at = next(at)) {
    times.push(at);
  }
  return times;
}

/** The due times for which a job is started. */
function timesToMeet({ afterDowntime }: Schedule, due: readonly number[], now: number): readonly number[] {
  const last = due.at(-1);
  if (afterDowntime === 'each' || last === undefined) return due;
  return afterDowntime === 'once' || now - last <= GRACE_MS ? [last] : [];
}

/**
 * Starts the jobs of schedules that are due. That a time is done and its jobs are added is one transaction of the one
 * process that has the lease, so that each is started once.
 *
 * @returns milliseconds until the next due time
 */
export async function startDueJobs(schedules: readonly Schedule[], options: DueOptions): Promise<number> {
  const { store, database, term, runtime, log, add } = options;
  let wait = Number.POSITIVE_INFINITY;
  for (const schedule of schedules) {
    const now = runtime.now();
    const doneUntil = await store.doneUntil(schedule.name);
    // What is new has missed nothing.
    const isNew = doneUntil === undefined || doneUntil > now + MAX_AHEAD_MS;
    const due = isNew ? [] : dueTimes(schedule, doneUntil, now);
    const until = isNew ? now : due.at(-1);
    if (until !== undefined) {
      await database.transaction(async (sql) => {
        await term.fence(sql);
        const started: Job[] = [];
        for (const at of timesToMeet(schedule, due, now)) started.push(await add(sql, schedule.request(at)));
        await store.saveSchedule(sql, schedule.name, until, started.at(-1)?.id ?? null);
        if (started.length > 0) log.info({ schedule: schedule.name, jobs: started.length }, 'schedule is due');
      });
    }
    wait = Math.min(wait, (schedule.next(until ?? doneUntil ?? now) ?? Number.POSITIVE_INFINITY) - now);
  }
  return Math.max(0, wait);
}
