import { DriverAdapterError, type MappedError } from '@prisma/driver-adapter-utils';
import { DatabaseError, messageOf } from '../errors.ts';
import { constraintTarget, sqliteCode } from './failures.ts';

/** Turns what a query threw into the kind of error that Prisma makes its P2002, P2003, … of. */
export function prismaFailure(error: unknown): unknown {
  if (error instanceof DatabaseError) {
    if (error.code === 'database-closed') return new DriverAdapterError({ kind: 'ConnectionClosed' });
    if (error.code === 'transaction-closed') {
      return new DriverAdapterError({ kind: 'TransactionAlreadyClosed', cause: error.message });
    }
    return error;
  }
  const code = sqliteCode(error);
  if (code === undefined) return error;
  const message = messageOf(error);
  return new DriverAdapterError({
    ...mappedError(code, message),
    originalCode: String(code),
    originalMessage: message,
  });
}

function mappedError(code: number, message: string): MappedError {
  const { table, columns } = constraintTarget(message);
  const constraint = { fields: columns };
  switch (code) {
    case 1555:
    case 2067:
      return { kind: 'UniqueConstraintViolation', constraint, ...(table === undefined ? {} : { table }) };
    case 1299:
      return { kind: 'NullConstraintViolation', constraint };
    case 787:
    case 1811:
      return { kind: 'ForeignKeyConstraintViolation', constraint: { foreignKey: {} } };
  }
  if ((code & 0xff) === 5) return { kind: 'SocketTimeout' };
  const missingTable = /^no such table: (.+)$/.exec(message)?.[1];
  if (missingTable) return { kind: 'TableDoesNotExist', table: missingTable };
  const missingColumn = /(?:no such column: |has no column named )(.+)$/.exec(message)?.[1];
  if (missingColumn) return { kind: 'ColumnNotFound', column: missingColumn };
  return { kind: 'sqlite', extendedCode: code, message };
}
