import { DatabaseError, type DatabaseErrorCode, messageOf } from '../errors.ts';

/** The SQLSTATEs that need an answer of their own (https://www.postgresql.org/docs/current/errcodes-appendix.html). */
const constraintStates: Record<string, DatabaseErrorCode> = {
  '23502': 'not-null-violated',
  '23503': 'foreign-key-violated',
  '23505': 'unique-violated',
  '23514': 'check-violated',
};

const otherStates: Record<string, [DatabaseErrorCode, (name: string) => string]> = {
  '25006': ['database-read-only', (name) => `${name} only takes reads; connect to the primary server`],
  '53100': ['disk-full', (name) => `The disk of ${name} is full; free some space`],
  '53300': [
    'database-unreachable',
    (name) => `${name} has no connection left; lower poolSize or raise max_connections`,
  ],
  '55P03': ['database-busy', (name) => `${name} did not give a lock in time; try again`],
  '57014': ['statement-timeout', (name) => `${name} cancelled a statement that took too long`],
  XX001: ['database-damaged', (name) => `${name} has damaged data; restore it from a backup`],
  XX002: ['database-damaged', (name) => `${name} has a damaged index; run REINDEX`],
};

/** PostgreSQL's or the system's code of a thrown error. */
function stateOf(error: unknown): string | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined;
}

/** Turns what `pg` threw into a typed error; `name` is the server. */
export function postgresqlFailure(error: unknown, name: string): unknown {
  if (!(error instanceof Error) || error instanceof DatabaseError) return error;
  const state = stateOf(error);
  const message = messageOf(error);
  if (state === undefined || /^(?:E[A-Z]+|08...|57P..|28...|3D000)$/.test(state)) {
    return new DatabaseError('database-unreachable', `${name} cannot be reached: ${message || state}`, {
      cause: error,
    });
  }
  const other = otherStates[state];
  if (other) return new DatabaseError(other[0], other[1](name), { cause: error });
  const constraint = constraintStates[state];
  if (constraint) return new DatabaseError(constraint, message, { cause: error, ...constraintTarget(error) });
  return new DatabaseError('statement-failed', `${name}: ${message}`, { cause: error });
}

function constraintTarget(error: object): { table?: string; columns: string[] } {
  const { table, column, detail } = error as { table?: string; column?: string; detail?: string };
  const key = /^Key \((.+?)\)=/.exec(detail ?? '')?.[1];
  const columns = column === undefined ? (key?.split(', ').map((name) => name.replaceAll('"', '')) ?? []) : [column];
  return table === undefined ? { columns } : { table, columns };
}

/**
 * Whether running the transaction again may succeed: a serialization failure, a deadlock, or a plan that was prepared
 * before the schema changed. Looks through the causes, because `work` may have wrapped it.
 */
export function isRetryable(error: unknown): boolean {
  for (let cause = error, depth = 0; cause instanceof Error && depth < 8; cause = cause.cause, depth += 1) {
    const state = stateOf(cause);
    // P2034 is what Prisma makes of the first two.
    if (state === '40001' || state === '40P01' || state === 'P2034' || isStalePlan(cause)) return true;
  }
  return false;
}

/** Whether a prepared statement no longer fits the schema. */
export function isStalePlan(error: unknown): boolean {
  return stateOf(error) === '0A000' && messageOf(error).includes('cached plan');
}
