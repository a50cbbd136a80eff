import type { Runtime } from '@weave-nn/config';

/** The day of a moment in the machine's own time zone. */
function localDay(time: number): string {
  const date = new Date(time);
  const parts = [date.getFullYear(), date.getMonth() + 1, date.getDate()];
  return parts.map((part, index) => String(part).padStart(index === 0 ? 4 : 2, '0')).join('-');
}

/**
 * What day it is where the tasks' owner is.
 *
 * @param timeZone a name such as Europe/Berlin; the machine's own when undefined, which needs no formatter and so 7 MB less
 */
export function createDays(runtime: Pick<Runtime, 'now'>, timeZone: string | undefined) {
  if (timeZone === undefined) return { today: () => localDay(runtime.now()) };
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return {
    /** `YYYY-MM-DD` */
    today: () => format.format(runtime.now()),
  };
}

export type Days = ReturnType<typeof createDays>;
