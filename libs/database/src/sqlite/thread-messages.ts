/** What the thread will be told to do. */
export interface Order {
  id: number;
  /** The name of a procedure. */
  procedure: string;
  argument: unknown;
}

/** Hands an order over, tells the thread to do one that it has, or to end. */
export type Instruction = { give: Order } | { begin: number } | 'end';

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
