import type { Runtime } from '@weave-nn/config';

/**
 * What day it is where the tasks' owner is.
 *
 * @param timeZone a name such as Europe/Berlin
 */
export function createDays(runtime: Pick<Runtime, 'now'>, timeZone: string) {
  const format = new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' });
  return {
    /** `YYYY-MM-DD` */
    today: () => format.format(runtime.now()),
  };
}

export type Days = ReturnType<typeof createDays>;
