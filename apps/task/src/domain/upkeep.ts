import { pause, type Runtime } from '@weave-nn/config';
import type { EventDraft, Outbox, Report } from '@weave-nn/events';
import { addDays } from '@weave-nn/vault/tasks';
import type { PinStore } from '../store/pins.ts';
import type { RequestStore } from '../store/requests.ts';
import type { TaskStore } from '../store/tasks.ts';
import type { Transaction, Transactions } from '../store/transaction.ts';
import type { Days } from './days.ts';
import { REMEMBERED } from './moves.ts';
import { settle } from './settle.ts';
import { type Author, eventOf } from './task-events.ts';

/** For so long a task whose line is gone is not said to be deleted: the line may be on its way to another note. */
const GRACE = 2_000;
const LOOK_EVERY = 10_000;
const BATCH = 500;
/** A vault that is new may have thousands of dates that are past; telling of them keeps nobody waiting. */
const BETWEEN_BATCHES = 500;
const HOUR = 3_600_000;
/** What is deleted is forgotten with its comments after this. */
const KEEP_DELETED = 30 * 24 * HOUR;
const KEEP_REQUESTS = 7 * 24 * HOUR;

const author: Author = { actor: 'watcher', client: null, requestId: null };
const clock: Author = { actor: 'clock', client: null, requestId: null };

/** The right to do it at a time when no other process does. */
export interface Mandate {
  signal: AbortSignal;
  fence(sql: Transaction): Promise<void>;
}

export interface UpkeepOptions {
  database: Transactions;
  tasks: TaskStore;
  pins: PinStore;
  requests: RequestStore;
  outbox: Outbox;
  runtime: Runtime;
  days: Days;
  /** How many days before its due date a task is due soon. */
  soon: number;
  report: Report;
  wakeRelay(): void;
}

/** What goes on by itself, in one process at a time: telling what is due, and forgetting what is gone. */
export function createUpkeep(options: UpkeepOptions) {
  const { database, tasks, pins, requests, outbox, runtime, days, soon, report, wakeRelay } = options;
  let wake: AbortController = new AbortController();

  /** Tells of each due date once that it comes and once that it is past, also what came while nothing ran. */
  function remind({ fence }: Mandate): Promise<number> {
    return database.transaction(async (sql) => {
      await fence(sql);
      const today = days.today();
      const due = await tasks.unreminded(sql, addDays(today, soon) ?? today, today, BATCH);
      const events: EventDraft[] = [];
      const told = due.map((task) => {
        const { id: taskId, title, dueDate } = task;
        if (dueDate === null) return task;
        const say = (type: 'task.due' | 'task.overdue') =>
          events.push({ type, subject: `${taskId}/due`, data: { ...clock, taskId, title, dueDate } });
        if (task.dueTold !== dueDate) say('task.due');
        const isPast = dueDate < today;
        if (isPast) say('task.overdue');
        return { ...task, dueTold: dueDate, overdueTold: isPast ? dueDate : task.overdueTold };
      });
      await tasks.update(sql, told, new Set());
      await outbox.appendAll(sql, events);
      return due.length;
    });
  }

  /** Says of tasks whose line came back nowhere that they are deleted. */
  function bury({ fence }: Mandate): Promise<number> {
    return database.transaction(async (sql) => {
      await fence(sql);
      const now = runtime.now();
      const moment = { now, today: days.today() };
      const missing = await tasks.inState(sql, 'missing', now - GRACE, BATCH);
      const buried = missing.map((before) => settle(before, { ...before, state: 'deleted' }, moment));
      await tasks.update(sql, buried, new Set());
      await outbox.appendAll(
        sql,
        buried.flatMap((after, index) => eventOf(missing[index], after, author) ?? []),
      );
      return missing.length;
    });
  }

  async function forget({ fence }: Mandate): Promise<void> {
    await database.transaction(async (sql) => {
      await fence(sql);
      const now = runtime.now();
      const old = [
        ...(await tasks.inState(sql, 'deleted', now - KEEP_DELETED, BATCH)),
        ...(await tasks.inState(sql, 'expected', now - REMEMBERED, BATCH)),
      ];
      if (old.length > 0) {
        await tasks.remove(
          sql,
          old.map(({ id }) => id),
        );
      }
      await pins.prune(sql, now - HOUR);
      await requests.prune(sql, now - KEEP_REQUESTS);
    });
  }

  async function all(work: (mandate: Mandate) => Promise<number>, mandate: Mandate): Promise<void> {
    for (let done = BATCH; done === BATCH && !mandate.signal.aborted; ) {
      done = await work(mandate);
      if (done > 0) wakeRelay();
      if (done === BATCH) await pause(runtime, BETWEEN_BATCHES, mandate.signal);
    }
  }

  return {
    /** Says that something was changed, so that it is looked at soon. */
    wake: () => wake.abort(),

    /** Does it until the mandate ends. */
    async lead(mandate: Mandate): Promise<void> {
      const { signal } = mandate;
      for (let forgotten = Number.NEGATIVE_INFINITY; !signal.aborted; ) {
        try {
          await all(remind, mandate);
          // Those whose line has just gone are looked at when their time is over.
          if (wake.signal.aborted) {
            wake = new AbortController();
            await pause(runtime, GRACE + 50, signal);
          }
          await all(bury, mandate);
          if (runtime.monotonic() - forgotten > HOUR) {
            await forget(mandate);
            forgotten = runtime.monotonic();
          }
        } catch (error) {
          if (!signal.aborted) report('reminders and tidying up are tried again', error);
        }
        await pause(runtime, LOOK_EVERY, AbortSignal.any([signal, wake.signal]));
      }
    },
  };
}

export type Upkeep = ReturnType<typeof createUpkeep>;
