export type DatabaseErrorCode =
  | 'database-url-invalid'
  | 'database-unreachable'
  | 'database-damaged'
  | 'database-read-only'
  | 'database-busy'
  | 'database-closed'
  | 'disk-full'
  | 'transaction-closed'
  | 'client-not-configured'
  | 'statement-failed'
  | 'statement-timeout'
  | 'read-only'
  | 'unique-violated'
  | 'foreign-key-violated'
  | 'not-null-violated'
  | 'check-violated'
  | 'migration-failed'
  | 'migration-changed'
  | 'migration-missing'
  | 'migration-newer'
  | 'lease-lost';

export interface DatabaseErrorOptions extends ErrorOptions {
  /** The columns of the broken constraint, as far as the database names them. */
  columns?: string[];
  /** The table of the broken constraint, as far as the database names it. */
  table?: string;
}

/** What goes wrong with a database, with a stable code and a sentence to act on; `cause` is what the driver threw. */
export class DatabaseError extends Error {
  readonly code: DatabaseErrorCode;
  readonly table: string | undefined;
  readonly columns: readonly string[];

  constructor(code: DatabaseErrorCode, message: string, options: DatabaseErrorOptions = {}) {
    super(message, options);
    this.name = 'DatabaseError';
    this.code = code;
    this.table = options.table;
    this.columns = options.columns ?? [];
  }
}

/** The error of a call that came after `close()`. */
export function databaseClosed(name: string): DatabaseError {
  return new DatabaseError('database-closed', `${name} is closed; open it again before using it`);
}

/** The error of a statement run through a transaction that has already ended. */
export function transactionClosed(): DatabaseError {
  return new DatabaseError(
    'transaction-closed',
    'The transaction has ended; await every statement before the work of the transaction returns',
  );
}

/** The error of a write through `read`. */
export function readOnly(): DatabaseError {
  return new DatabaseError('read-only', '`read` only reads; write inside transaction()');
}

/** The error of `prisma()` on a database that was opened without `loadClient`. */
export function clientNotConfigured(): DatabaseError {
  return new DatabaseError('client-not-configured', 'Give openDatabase() a loadClient to use Prisma');
}

/** Whether a unique constraint was broken. */
export function isUniqueViolation(error: unknown): boolean {
  return error instanceof DatabaseError && error.code === 'unique-violated';
}

/** The words of anything thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
