import { startWorker, type Worker, type WorkerContext, type WorkerLease } from '@weave-nn/background';
import { pause } from '@weave-nn/config';
import type { EventDraft, Outbox } from '@weave-nn/events';
import { addDays } from '@weave-nn/vault/tasks';
import type { PinStore } from '../store/pins.ts';
import type { RequestStore } from '../store/requests.ts';
import type { TaskStore } from '../store/tasks.ts';
import type { Statements, Transactions } from '../store/transaction.ts';
import { settle } from './change/settle.ts';
import { type Author, eventOf } from './change/task-events.ts';
import type { Days } from './days.ts';
import { REMEMBERED } from './notes/moves.ts';

/** For so long a task whose line is gone is not said to be deleted: the line may be on its way to another note. */
const GRACE_MS = 2_000;
const POLL_INTERVAL_MS = 10_000;
const BATCH = 500;
/** A vault that is new may have thousands of dates that are past; telling of them keeps nobody waiting. */
const BATCH_INTERVAL_MS = 500;
const HOUR = 3_600_000;
/** What is deleted is forgotten with its comments after this. */
const KEEP_DELETED = 30 * 24 * HOUR;
const KEEP_REQUESTS = 7 * 24 * HOUR;

const author: Author = { actor: 'watcher', client: null, requestId: null };
const clock: Author = { actor: 'clock', client: null, requestId: null };

/** The right to do it at a time when no other process does. */
export interface Mandate {
  signal: AbortSignal;
  fence(sql: Statements): Promise<void>;
}

export interface UpkeepOptions {
  database: Transactions;
  tasks: TaskStore;
  pins: PinStore;
  requests: RequestStore;
  outbox: Outbox;
  workers: WorkerContext;
  /** Held by the one process that does it. */
  lease: WorkerLease;
  days: Days;
  /** How many days before its due date a task is due soon. */
  soon: number;
  wakeRelay(): void;
}

/** What goes on by itself, in one process at a time: telling what is due, and forgetting what is gone. */
export function createUpkeep(options: UpkeepOptions) {
  const { database, tasks, pins, requests, outbox, workers, days, soon, wakeRelay } = options;
  const { runtime } = workers;
  let worker: Worker | undefined;
  let isChanged = false;
  let forgottenAt = Number.NEGATIVE_INFINITY;

  /** Tells of each due date once that it comes and once that it is past, also what came while nothing ran. */
  function remind({ fence }: Mandate): Promise<number> {
    return database.transaction(async ({ sql }) => {
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
  function deleteMissing({ fence }: Mandate): Promise<number> {
    return database.transaction(async ({ sql }) => {
      await fence(sql);
      const now = runtime.now();
      const moment = { now, today: days.today() };
      const missing = await tasks.inState(sql, 'missing', now - GRACE_MS, BATCH);
      const deleted = missing.map((before) => settle(before, { ...before, state: 'deleted' }, moment));
      await tasks.update(sql, deleted, new Set());
      await outbox.appendAll(
        sql,
        deleted.flatMap((after, index) => eventOf(missing[index], after, author) ?? []),
      );
      return missing.length;
    });
  }

  async function forget({ fence }: Mandate): Promise<void> {
    await database.transaction(async (transaction) => {
      const { sql } = transaction;
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
      await requests.prune(transaction, now - KEEP_REQUESTS);
    });
  }

  async function all(work: (mandate: Mandate) => Promise<number>, mandate: Mandate): Promise<void> {
    for (let done = BATCH; done === BATCH && !mandate.signal.aborted; ) {
      done = await work(mandate);
      if (done > 0) wakeRelay();
      if (done === BATCH) await pause(runtime, BATCH_INTERVAL_MS, mandate.signal);
    }
  }

  async function run(mandate: Mandate): Promise<void> {
    await all(remind, mandate);
    // Those whose line has just gone are looked at when their time is over.
    if (isChanged) {
      isChanged = false;
      await pause(runtime, GRACE_MS + 50, mandate.signal);
    }
    await all(deleteMissing, mandate);
    if (runtime.monotonic() - forgottenAt <= HOUR) return;
    await forget(mandate);
    forgottenAt = runtime.monotonic();
  }

  return {
    /** Says that something was changed, so that the next round comes soon. */
    wake() {
      isChanged = true;
      worker?.wake();
    },

    start() {
      worker ??= startWorker({
        ...workers,
        name: 'task-upkeep',
        intervalMs: POLL_INTERVAL_MS,
        lease: options.lease,
        run,
      });
    },

    async stop(): Promise<void> {
      await worker?.stop();
    },
  };
}

export type Upkeep = ReturnType<typeof createUpkeep>;
