import type { Sql } from './database.ts';

/**
 * Work inside a transaction that needs nothing but its argument, so that it can be done beside the database, in
 * another thread.
 */
export interface Procedure<Argument> {
  /** What the thread knows it by. */
  name: string;
  /** @param argument must survive a structured clone */
  run(sql: Sql, argument: Argument): Promise<void>;
}
