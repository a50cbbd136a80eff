const DAY = 86_400_000;
const DATE = /^(\d{4})-(\d{2})-(\d{2})$/;

/** Milliseconds since 1970 of a day's beginning in UTC, undefined for a date that no calendar has. */
function timeOf(date: string): number | undefined {
  const [, year, month, day] = DATE.exec(date) ?? [];
  if (year === undefined) return undefined;
  const time = Date.parse(`${date}T00:00:00Z`);
  // Some engines take 30 February for a day in March.
  return Number.isNaN(time) || new Date(time).getUTCDate() !== Number(day) || Number(month) > 12 ? undefined : time;
}

/** Whether a text is `YYYY-MM-DD` and such a day exists. */
export function isCalendarDate(text: string): boolean {
  return timeOf(text) !== undefined;
}

/** A date as a `Date` at midnight UTC; the date must exist. */
export function toUtc(date: string): Date {
  return new Date(timeOf(date) ?? Number.NaN);
}

/** The day of a `Date` in UTC as `YYYY-MM-DD`; undefined when it is not within the years 0 to 9999. */
export function fromUtc(date: Date): string | undefined {
  const text = Number.isNaN(date.getTime()) ? '' : date.toISOString();
  return DATE.test(text.slice(0, 10)) && text[10] === 'T' ? text.slice(0, 10) : undefined;
}

/** A date so many days later; undefined when that is no year of four digits any more. */
export function addDays(date: string, days: number): string | undefined {
  return fromUtc(new Date(toUtc(date).getTime() + days * DAY));
}

/** How many days lie from one date to another; negative when the other is earlier. */
export function daysBetween(from: string, to: string): number {
  return Math.round((toUtc(to).getTime() - toUtc(from).getTime()) / DAY);
}

/** The same day so many months later, or the last day of that month when it has no such day. */
export function addMonths(date: string, months: number): string | undefined {
  const from = toUtc(date);
  const month = from.getUTCMonth() + months;
  const lastDay = new Date(Date.UTC(from.getUTCFullYear(), month + 1, 0)).getUTCDate();
  return fromUtc(new Date(Date.UTC(from.getUTCFullYear(), month, Math.min(from.getUTCDate(), lastDay))));
}
