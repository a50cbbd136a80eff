import { DatabaseError, type DatabaseErrorCode, messageOf } from '../errors.ts';

/** SQLite's primary result codes that need an answer of their own (https://www.sqlite.org/rescode.html). */
const primaryCodes: Record<number, [DatabaseErrorCode, (name: string) => string]> = {
  5: ['database-busy', (name) => `${name} is locked by another process; stop it or try again`],
  8: [
    'database-read-only',
    (name) => `${name} cannot be written; give this user the right to write the file and its folder`,
  ],
  11: ['database-damaged', (name) => `${name} is damaged; restore it from a backup`],
  13: ['disk-full', (name) => `The disk of ${name} is full; free some space`],
  14: [
    'database-unreachable',
    (name) => `${name} cannot be opened; check that its folder exists and can be read and written`,
  ],
  26: ['database-damaged', (name) => `${name} is not a SQLite database; move it away or restore it from a backup`],
};

/** What the system says when the file is made, as SQLite would say it. */
const systemCodes: Readonly<Record<string, number>> = {
  EROFS: 8,
  ENOSPC: 13,
  EDQUOT: 13,
  EACCES: 14,
  EPERM: 14,
  ENOENT: 14,
  ENOTDIR: 14,
};

const constraintCodes: Record<number, DatabaseErrorCode> = {
  275: 'check-violated',
  787: 'foreign-key-violated',
  1299: 'not-null-violated',
  1555: 'unique-violated',
  1811: 'statement-failed',
  2067: 'unique-violated',
};

/** SQLite's extended result code of a thrown error, or undefined when SQLite did not throw it. */
export function sqliteCode(error: unknown): number | undefined {
  return error instanceof Error && 'errcode' in error && typeof error.errcode === 'number' ? error.errcode : undefined;
}

/** Whether another connection has the lock. */
export function isBusy(error: unknown): boolean {
  return ((sqliteCode(error) ?? 0) & 0xff) === 5;
}

/** The table and columns that SQLite names in `UNIQUE constraint failed: note.vault, note.path`. */
export function constraintTarget(message: string): { table?: string; columns: string[] } {
  const list = /constraint failed: (.+)$/.exec(message)?.[1];
  if (list === undefined || list.startsWith('index ')) return { columns: [] };
  const names = list.split(', ').map((name) => name.split('.'));
  const table = names[0]?.[0];
  const columns = names.flatMap(([, column]) => (column === undefined ? [] : [column]));
  return table === undefined ? { columns } : { table, columns };
}

/** Turns what `node:sqlite` or the file system threw into a typed error; `name` is the file. */
export function sqliteFailure(error: unknown, name: string): DatabaseError {
  if (error instanceof DatabaseError) return error;
  const code = sqliteCode(error) ?? systemCodes[(error as NodeJS.ErrnoException).code ?? ''];
  const message = messageOf(error);
  const known = code === undefined ? undefined : primaryCodes[code & 0xff];
  if (known) return new DatabaseError(known[0], known[1](name), { cause: error });
  const constraint = code === undefined ? undefined : constraintCodes[code];
  if (constraint) return new DatabaseError(constraint, message, { cause: error, ...constraintTarget(message) });
  return new DatabaseError('statement-failed', `${name}: ${message}`, { cause: error });
}
