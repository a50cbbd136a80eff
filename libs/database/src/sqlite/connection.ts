import { DatabaseSync, type SQLInputValue, type SQLOutputValue, type StatementSync } from 'node:sqlite';
import type { SqlValue } from '../database.ts';

/** Prepared statements kept on one connection; beyond that the oldest is prepared again. */
const keptStatements = 512;

interface Prepared {
  statement: StatementSync;
  /** Whether SQLite's count of changed rows belongs to this statement; after any other it is the count of the last one that did. */
  counts: boolean;
  /** The names of its columns, as they were after so many changes of the schema; read with its first rows. */
  names: readonly string[];
  namedAt: number;
}

/** How often a file's schema may have changed, so that what was derived from it can be dropped. */
export interface Schema {
  changes: number;
}

/** One connection to a SQLite file. Everything runs at once, and throws what `node:sqlite` throws. */
export interface Connection {
  readonly handle: DatabaseSync;
  all(text: string, values: SqlValue[]): unknown[];
  get(text: string, values: SqlValue[]): unknown;
  run(text: string, values: SqlValue[]): number;
  /** Runs a statement that changes rows once for each of these; numbers are for columns of whole numbers. */
  runEach(text: string, rows: readonly (readonly SqlValue[])[]): void;
  /** Keeps something prepared for a text, in the same bounds as the statements. */
  kept<Kept>(cache: Map<string, Kept>, text: string, prepare: (text: string) => Kept): Kept;
  /** Counted by `run`; who changes the schema in another way counts it. */
  readonly schema: Schema;
}

/** Bytes of a page of a new file. Twice SQLite's usual size: two system calls write what took four. */
const PAGE = 8_192;
/** The same where a thread writes thousands of rows at a time, which have to be put into fewer pages then. */
export const LARGE_PAGE = 16_384;
const LOGGED = 16 * 1024 * 1024;

export interface ConnectionOptions {
  /** Bytes of a page, if the file is new. */
  page?: number | undefined;
  /** Bytes that the log may have before a commit copies it back: a page that changes often is copied once instead of many times. */
  logged?: number;
  /** That of the connection which writes. */
  schema?: Schema;
  /** Whether text may also stand between double quotes, as Prisma's schema engine writes it. */
  quotedText?: boolean;
}

/**
 * Opens one connection. `synchronous=FULL` so that a committed transaction is on disk when it is acknowledged.
 * The reader is opened after the writer, which creates the file and sets WAL.
 */
export function openConnection(
  file: string,
  mode: 'write' | 'read',
  { page = PAGE, logged = LOGGED, schema = { changes: 0 }, quotedText = false }: ConnectionOptions = {},
): Connection {
  const handle = new DatabaseSync(file, {
    readOnly: mode === 'read',
    timeout: 5_000,
    enableDoubleQuotedStringLiterals: quotedText,
  });
  try {
    if (mode === 'write') {
      handle.exec(`PRAGMA page_size=${page}; PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL`);
      const { page_size: ofFile } = handle.prepare('PRAGMA page_size').get() as { page_size: number };
      handle.exec(`PRAGMA wal_autocheckpoint=${logged / ofFile}; PRAGMA journal_size_limit=67108864`);
    }
    // Nothing is mapped into memory: pages of the file would count as the process's own, 90 MB of them. Nor are many kept:
    // a dozen connections have their own, and the system has them all.
    handle.exec('PRAGMA foreign_keys=ON; PRAGMA mmap_size=0; PRAGMA temp_store=MEMORY');
    handle.prepare('SELECT count(*) FROM sqlite_schema').get();
    // From here on the writer waits for locks without stopping the process.
    if (mode === 'write') handle.exec('PRAGMA busy_timeout=0');
  } catch (error) {
    handle.close();
    throw error;
  }

  const statements = new Map<string, Prepared>();

  function kept<Kept>(cache: Map<string, Kept>, text: string, prepare: (text: string) => Kept): Kept {
    const found = cache.get(text);
    if (found !== undefined) return found;
    const prepared = prepare(text);
    if (cache.size >= keptStatements) {
      for (const oldest of cache.keys()) {
        cache.delete(oldest);
        break;
      }
    }
    cache.set(text, prepared);
    return prepared;
  }

  function prepareOwn(text: string): Prepared {
    const statement = handle.prepare(text);
    // An object of our own for each row takes half the time of one of SQLite's.
    statement.setReturnArrays(true);
    return { statement, counts: /^\s*(?:insert|update|delete|replace|with)\b/i.test(text), names: [], namedAt: -1 };
  }

  function namesOf(prepared: Prepared): readonly string[] {
    if (prepared.namedAt !== schema.changes) {
      prepared.names = prepared.statement.columns().map(({ name }) => name);
      prepared.namedAt = schema.changes;
    }
    return prepared.names;
  }

  return {
    handle,
    kept,
    all(text, values) {
      const prepared = kept(statements, text, prepareOwn);
      const rows = prepared.statement.all(...bound(values)) as unknown as SQLOutputValue[][];
      if (rows.length === 0) return [];
      const names = namesOf(prepared);
      return rows.map((row) => named(row, names));
    },
    get(text, values) {
      const prepared = kept(statements, text, prepareOwn);
      const row = prepared.statement.get(...bound(values)) as unknown as SQLOutputValue[] | undefined;
      return row && named(row, namesOf(prepared));
    },
    run(text, values) {
      const { statement, counts } = kept(statements, text, prepareOwn);
      const { changes } = statement.run(...bound(values));
      if (counts) return Number(changes);
      schema.changes += 1;
      return 0;
    },
    runEach(text, rows) {
      const { statement } = kept(statements, text, prepareOwn);
      // Columns of whole numbers make them of REAL themselves, which takes less time than a BigInt for each.
      for (const row of rows) statement.run(...row);
    },
    schema,
  };
}

function named(values: readonly SQLOutputValue[], names: readonly string[]): Record<string, unknown> {
  const row: Record<string, unknown> = {};
  let column = 0;
  for (const name of names) row[name] = values[column++];
  return row;
}

/** `node:sqlite` binds every number as REAL, so that 5 in a text column reads '5.0' and 5 / ? divides as floats; PostgreSQL does neither. */
function bound(values: SqlValue[]): SQLInputValue[] {
  for (let index = 0; index < values.length; index += 1) {
    const value = values[index];
    if (typeof value === 'number' && Number.isSafeInteger(value)) values[index] = BigInt(value);
  }
  return values;
}
