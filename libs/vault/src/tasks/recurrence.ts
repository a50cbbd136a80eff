import rrule, { type Options } from 'rrule';
import { addDays, addMonths, fromUtc, toUtc } from './dates.ts';

// The package is CommonJS, whose names Node does not find.
const { RRule, Frequency } = rrule;

/** A rule whose next date is further away than so many of its steps is taken to have none. */
const MAX_STEPS = 10_000;
const MAX_INTERVAL_MS = 10_000;
const WHEN_DONE = / when done$/i;
const daysOfStep: Readonly<Record<number, number>> = {
  [Frequency.DAILY]: 1,
  [Frequency.WEEKLY]: 7,
  [Frequency.MONTHLY]: 31,
  [Frequency.YEARLY]: 366,
};
const LAST_DAY = '9999-12-31';

/** How a task recurs. */
export interface Recurrence {
  /** Whether the next date is counted from the day on which the task is done. */
  whenDone: boolean;
  options: Partial<Options>;
}

function parseRule(words: string): Partial<Options> | undefined {
  try {
    return RRule.parseText(words) ?? undefined;
  } catch {
    return undefined;
  }
}

/**
 * Reads a recurrence rule as the Obsidian Tasks documentation says ("Recurring Tasks"): the words that rrule reads,
 * beginning with `every`, at the end perhaps `when done`.
 *
 * @returns undefined when it is no rule, or one that the plugin has not: of parts of a day, or one that ends
 */
export function readRecurrence(text: string): Recurrence | undefined {
  const words = text.trim().replace(WHEN_DONE, '');
  if (!/^every\b/i.test(words)) return undefined;
  const options = parseRule(words);
  if (options?.freq === undefined || daysOfStep[options.freq] === undefined) return undefined;
  if (options.count || options.until || options.byhour || options.byminute) return undefined;
  return { whenDone: WHEN_DONE.test(text.trim()), options };
}

/** Only the length of its steps is given, not the days it means. */
function isPlain({ options }: Recurrence): boolean {
  return Object.keys(options).every((key) => key === 'freq' || key === 'interval');
}

/**
 * The date on which a task recurs next. A rule that says `every month` or `every 2 years` and no day keeps the day and
 * moves to an earlier one where the month has no such day; a rule that names days skips the months that lack them.
 *
 * @param reference the date of the present occurrence, `YYYY-MM-DD`; null when it has none
 * @param today the day on which it is done
 * @returns undefined when there is none within the next 10,000 steps of the rule and the year 9999
 */
export function nextOccurrence(recurrence: Recurrence, reference: string | null, today: string): string | undefined {
  const { options, whenDone } = recurrence;
  const from = whenDone || reference === null ? today : reference;
  const interval = options.interval ?? 1;
  if (interval > MAX_INTERVAL_MS) return undefined;
  if (isPlain(recurrence) && options.freq === Frequency.MONTHLY) return addMonths(from, interval);
  if (isPlain(recurrence) && options.freq === Frequency.YEARLY) return addMonths(from, interval * 12);
  const steps = (daysOfStep[options.freq ?? Frequency.DAILY] ?? 1) * interval * MAX_STEPS;
  const until = toUtc(addDays(from, steps) ?? LAST_DAY);
  const next = new RRule({ ...options, dtstart: toUtc(from), until }).after(toUtc(from));
  return next ? fromUtc(next) : undefined;
}
