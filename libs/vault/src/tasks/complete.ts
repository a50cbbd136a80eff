import { addDays, daysBetween, isCalendarDate } from './dates.ts';
import { editTaskText, type TaskTextChange } from './edit.ts';
import { fieldValue } from './meaning.ts';
import { nextOccurrence, readRecurrence } from './recurrence.ts';
import type { TaskText } from './task-text.ts';

/** What follows a recurring task that is done: the text of the next one, nothing, or why there is none. */
export type NextTask = { text: TaskText } | { none: 'not-recurring' | 'never-again' };

/** The dates that move, the one that the others keep their distance to first. */
const movingDates = ['dueDate', 'scheduledDate', 'startDate'] as const;

/**
 * The dates of the next occurrence as the Obsidian Tasks documentation says ("Recurring Tasks", "Priority of Dates"):
 * the due date, else the scheduled, else the start date is moved, and the others keep their distance to it.
 *
 * @returns undefined when it never recurs again
 */
export function nextDates(
  rule: string,
  dates: Readonly<Record<(typeof movingDates)[number], string | null>>,
  today: string,
): Partial<Record<(typeof movingDates)[number], string>> | undefined {
  const recurrence = readRecurrence(rule);
  if (!recurrence) return undefined;
  const reference = movingDates.map((name) => dates[name]).find((date) => date !== null) ?? null;
  const next = nextOccurrence(recurrence, reference, today);
  if (next === undefined) return undefined;
  const moved: Partial<Record<(typeof movingDates)[number], string>> = {};
  for (const name of movingDates) {
    const date = dates[name];
    if (date === null || reference === null) continue;
    const to = addDays(next, daysBetween(reference, date));
    if (to === undefined) return undefined;
    moved[name] = to;
  }
  return moved;
}

/**
 * The text of the task that follows a recurring one which is done: with moved dates, without what belongs to the one
 * that is done, id, dependencies and block link included. A rule that is not understood, or whose date of reference does
 * not exist, counts as none, as the plugin has it.
 *
 * @param today `YYYY-MM-DD`
 */
export function nextTaskText(text: TaskText, today: string): NextTask {
  const rule = fieldValue(text, 'recurrence');
  if (rule === null || !readRecurrence(rule)) return { none: 'not-recurring' };
  const written = movingDates.map((name) => fieldValue(text, name));
  const reference = written.find((date) => date !== null);
  if (reference !== undefined && reference !== null && !isCalendarDate(reference)) return { none: 'not-recurring' };
  const [dueDate, scheduledDate, startDate] = written.map((date) =>
    date !== null && isCalendarDate(date) ? date : null,
  );
  const dates = nextDates(
    rule,
    { dueDate: dueDate ?? null, scheduledDate: scheduledDate ?? null, startDate: startDate ?? null },
    today,
  );
  if (!dates) return { none: 'never-again' };
  const change: TaskTextChange = {
    ...dates,
    doneDate: null,
    cancelledDate: null,
    externalId: null,
    dependsOn: null,
    block: null,
    ...(fieldValue(text, 'createdDate') === null ? {} : { createdDate: today }),
  };
  return { text: editTaskText(text, change) };
}
