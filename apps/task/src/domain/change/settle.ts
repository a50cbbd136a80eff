import type { StoredTask } from '../stored-task.ts';
import { changesOf } from './task-events.ts';

/** The present moment, as an instant and as a day. */
export interface Moment {
  /** Milliseconds since 1970. */
  now: number;
  /** `YYYY-MM-DD` where the tasks' owner is. */
  today: string;
}

function completionOf(before: StoredTask | undefined, after: StoredTask, now: string): string | null {
  if (after.status !== 'done') return null;
  if (before?.status === 'done') return before.completedAt;
  // Of a task that was done before it was found, only the day is known.
  const wasFoundDone = before === undefined && after.source !== null && after.doneDate !== null;
  return wasFoundDone ? `${after.doneDate}T00:00:00.000Z` : now;
}

/**
 * Brings what follows from a task's change up to date: its revision and times, and of which due date it was told.
 *
 * @param given what it was before; undefined for a new task
 */
export function settle(given: StoredTask | undefined, after: StoredTask, { now, today }: Moment): StoredTask {
  // A task whose line was only being written is new.
  const before = given?.state === 'expected' && after.state !== 'expected' ? undefined : given;
  const isChanged = before === undefined || Object.keys(changesOf(before, after)).length > 0;
  const time = new Date(now).toISOString();
  const settled = {
    ...after,
    completedAt: completionOf(before, after, time),
    revision: isChanged ? after.revision + 1 : after.revision,
    updatedAt: isChanged ? time : after.updatedAt,
    stateAt: before?.state === after.state ? after.stateAt : now,
  };
  if (before && before.dueDate === after.dueDate) return settled;
  // What was past already when the date was given is overdue, and no longer to come.
  const isPast = after.dueDate !== null && after.dueDate < today;
  return { ...settled, dueTold: isPast ? after.dueDate : null, overdueTold: null };
}
