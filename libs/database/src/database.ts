/** A value that both SQLite and PostgreSQL store as it is. Times are ISO 8601 text or integer milliseconds. */
export type SqlValue = string | number | bigint | null | Uint8Array;

/**
 * Runs statements in one place: the committed state, or one open transaction.
 *
 * Statements are written once, in the SQL that SQLite and PostgreSQL share, with `?` for each value.
 * Integers come back as numbers (they must be within ±2^53), binary columns as `Uint8Array`.
 */
export interface Sql {
  /** Every row of the answer. */
  all<Row extends object>(text: string, ...values: SqlValue[]): Promise<Row[]>;
  /** The first row of the answer, or undefined when there is none. */
  get<Row extends object>(text: string, ...values: SqlValue[]): Promise<Row | undefined>;
  /** Runs a statement that answers no rows; resolves to how many rows it changed. */
  run(text: string, ...values: SqlValue[]): Promise<number>;
  /**
   * Runs an INSERT or UPDATE once for each row of values, in their order. Numbers are whole, and for columns that are
   * declared so.
   */
  runEach(text: string, rows: readonly (readonly SqlValue[])[]): Promise<void>;
}

export interface TransactionOptions {
  /**
   * Whether it may be undone when the machine loses power, though never when a process dies: on SQLite it is then not
   * waited for until it is on disk. For what only repeats work that is done once anyway.
   */
  mayBeUndone?: boolean;
}

/** One service's database: prepared statements for hot paths, a generated Prisma client for the rest. */
export interface Database<Client = unknown> {
  readonly provider: 'sqlite' | 'postgresql';
  /** Reads of committed state, outside any transaction. On SQLite a connection of its own that never waits for the writer. */
  readonly read: Sql;
  /**
   * Runs `work` in one transaction, committed when it resolves and rolled back when it throws.
   * On SQLite transactions run one after another; on PostgreSQL a serialization failure or deadlock runs `work` again (at most five times).
   */
  transaction<Result>(work: (sql: Sql) => Promise<Result>, options?: TransactionOptions): Promise<Result>;
  /**
   * Does a procedure's work in a transaction of its own. On SQLite, where a statement keeps the thread it runs in, that is
   * another thread if the database has one: for what writes so much that others are to go on meanwhile.
   */
  perform<Argument>(procedure: Procedure<Argument>, argument: Argument): Promise<void>;
  /** A transaction with the service's Prisma client beside the statements, both in it. */
  prismaTransaction<Result>(work: (client: Client, sql: Sql) => Promise<Result>): Promise<Result>;
  /** The service's Prisma client outside any transaction, loaded at the first call. */
  prisma(): Promise<Client>;
  /** Resolves when the database answers; throws what it said otherwise. */
  check(): Promise<void>;
  /** Waits for open transactions, then closes every connection. */
  close(): Promise<void>;
}

/** The work of a transaction that needs nothing but its argument, so that it can be done in another thread. */
export interface Procedure<Argument> {
  /** What the thread knows it by. */
  name: string;
  /** @param argument must survive a structured clone */
  run(sql: Sql, argument: Argument): Promise<void>;
}
