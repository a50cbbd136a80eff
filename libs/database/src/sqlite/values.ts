import type { SQLInputValue, SQLOutputValue } from 'node:sqlite';
import { type ArgType, type ColumnType, ColumnTypeEnum } from '@prisma/driver-adapter-utils';

/** Prisma's column types by the words its migrations declare SQLite columns with. */
const declaredTypes: Record<string, ColumnType> = {
  BIGINT: ColumnTypeEnum.Int64,
  BLOB: ColumnTypeEnum.Bytes,
  BOOLEAN: ColumnTypeEnum.Boolean,
  CHAR: ColumnTypeEnum.Text,
  DATE: ColumnTypeEnum.DateTime,
  DATETIME: ColumnTypeEnum.DateTime,
  DECIMAL: ColumnTypeEnum.Numeric,
  DOUBLE: ColumnTypeEnum.Double,
  'DOUBLE PRECISION': ColumnTypeEnum.Double,
  FLOAT: ColumnTypeEnum.Double,
  INT: ColumnTypeEnum.Int32,
  INT8: ColumnTypeEnum.Int64,
  INTEGER: ColumnTypeEnum.Int32,
  JSON: ColumnTypeEnum.Json,
  JSONB: ColumnTypeEnum.Json,
  NUMERIC: ColumnTypeEnum.Numeric,
  REAL: ColumnTypeEnum.Double,
  SMALLINT: ColumnTypeEnum.Int32,
  TEXT: ColumnTypeEnum.Text,
  TIMESTAMP: ColumnTypeEnum.DateTime,
  TINYINT: ColumnTypeEnum.Int32,
  VARCHAR: ColumnTypeEnum.Text,
};

/** The type of a column by its declaration, or undefined for an expression, whose values tell. */
export function declaredType(declaration: string | null): ColumnType | undefined {
  if (declaration === null) return undefined;
  return declaredTypes[declaration.replace(/\s*\(.*$/, '').toUpperCase()];
}

/** The type of an expression's column by its first value; a column of nulls may be anything. */
export function inferredType(rows: SQLOutputValue[][], column: number): ColumnType {
  for (const row of rows) {
    const value = row[column];
    if (value === null || value === undefined) continue;
    if (typeof value === 'bigint') return ColumnTypeEnum.Int64;
    if (typeof value === 'number') return ColumnTypeEnum.Double;
    if (typeof value === 'string') return ColumnTypeEnum.Text;
    return ColumnTypeEnum.Bytes;
  }
  return ColumnTypeEnum.Int32;
}

/** A stored value as Prisma takes it for a column of that type. */
export function toPrisma(value: SQLOutputValue, type: ColumnType): unknown {
  if (value === null) return null;
  switch (type) {
    case ColumnTypeEnum.Boolean:
      return Number(value) !== 0;
    case ColumnTypeEnum.DateTime:
      return isoTime(value);
    case ColumnTypeEnum.Int32:
    case ColumnTypeEnum.Double:
      return typeof value === 'bigint' ? Number(value) : value;
    default:
      return typeof value === 'bigint' ? String(value) : value;
  }
}

/** Times are stored as ISO text; those of `CURRENT_TIMESTAMP` have a space and no zone, and integers are milliseconds. */
function isoTime(value: SQLOutputValue): unknown {
  if (typeof value === 'bigint' || typeof value === 'number') return new Date(Number(value)).toISOString();
  if (typeof value === 'string' && value[10] === ' ') return `${value.slice(0, 10)}T${value.slice(11)}Z`;
  return value;
}

/** An argument of Prisma as SQLite stores it; times become ISO text in UTC. */
export function fromPrisma(argument: unknown, type: ArgType | undefined): SQLInputValue {
  if (argument === null || argument === undefined) return null;
  if (typeof argument === 'boolean') return argument ? 1n : 0n;
  if (typeof argument === 'number') return Number.isSafeInteger(argument) ? BigInt(argument) : argument;
  if (typeof argument === 'bigint' || argument instanceof Uint8Array) return argument;
  if (argument instanceof Date) return argument.toISOString();
  if (typeof argument === 'string') {
    switch (type?.scalarType) {
      case 'int':
      case 'bigint':
        return BigInt(argument);
      case 'float':
      case 'decimal':
        return Number(argument);
      case 'datetime':
        return new Date(argument).toISOString();
      case 'bytes':
        return Buffer.from(argument, 'base64');
      default:
        return argument;
    }
  }
  if (Array.isArray(argument) && type?.scalarType === 'bytes') return Uint8Array.from(argument);
  return JSON.stringify(argument);
}
