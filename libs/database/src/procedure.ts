import type { Sql } from './database.ts';

/** The work of a transaction that needs nothing but its argument, so that it can be done in another thread. */
export interface Procedure<Argument> {
  /** What the thread knows it by. */
  name: string;
  /** @param argument must survive a structured clone */
  run(sql: Sql, argument: Argument): Promise<void>;
}
