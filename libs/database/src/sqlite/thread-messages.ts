/** What the thread is asked to do. */
export interface Order {
  /** The name of a procedure. */
  procedure: string;
  argument: unknown;
}

/** What was thrown, since an error's own properties do not survive the way. */
export interface Thrown {
  message: string;
  stack: string | undefined;
  code: string;
  /** SQLite's extended result code; NaN when it was not SQLite. */
  errcode: number;
}

/** Undefined when it is done. */
export type Outcome = Thrown | undefined;

/** What the thread is started with. */
export interface ThreadData {
  file: string;
}
