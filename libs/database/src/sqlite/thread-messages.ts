import type { SqlValue } from '../database.ts';

/** What the thread is asked to do. */
export type Order =
  | { kind: 'all' | 'get' | 'run'; text: string; values: SqlValue[] }
  | { kind: 'runEach'; text: string; rows: readonly (readonly SqlValue[])[] }
  | { kind: 'perform'; name: string; argument: unknown }
  | { kind: 'begin' | 'commit' | 'rollback' };

/** What was thrown, since an error's own properties do not survive the way. */
export interface Thrown {
  message: string;
  stack: string | undefined;
  code: string;
  /** SQLite's extended result code; NaN when it was not SQLite. */
  errcode: number;
}

export type Outcome = { result: unknown } | { thrown: Thrown };

/** What the thread is started with. */
export interface ThreadData {
  file: string;
}
