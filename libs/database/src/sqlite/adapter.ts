import type { SQLOutputValue, StatementSync } from 'node:sqlite';
import {
  type ColumnType,
  ColumnTypeEnum,
  DriverAdapterError,
  type SqlDriverAdapter,
  type SqlDriverAdapterFactory,
  type SqlQuery,
  type SqlQueryable,
  type SqlResultSet,
  type Transaction,
} from '@prisma/driver-adapter-utils';
import { databaseClosed, transactionClosed } from '../errors.ts';
import { handOver } from '../prisma.ts';
import type { Connection } from './connection.ts';
import { prismaFailure } from './prisma-failures.ts';
import { declaredType, fromPrisma, inferredType, toPrisma } from './values.ts';
import type { Writer, WriterTransaction } from './writer.ts';

const identity = { provider: 'sqlite', adapterName: 'weave-nn-node-sqlite' } as const;

/** A statement that answers rows as arrays, with what is known of its columns. */
interface PreparedQuery {
  statement: StatementSync;
  names: string[];
  /** Undefined for an expression. */
  types: (ColumnType | undefined)[];
}

/** Runs Prisma's queries on one connection, beside the statements of everybody else. */
interface PrismaConnection {
  query(query: SqlQuery): SqlResultSet;
  execute(query: SqlQuery): number;
}

/**
 * Creates Prisma's driver adapter over the two connections of a SQLite database. Reads outside a transaction go to the
 * reader, everything else waits for the writer; a transaction has the writer until it ends.
 */
export function createSqliteAdapter(
  writer: Writer,
  reader: Connection,
  isClosed: () => boolean,
  file: string,
): SqlDriverAdapterFactory {
  const writing = prismaConnection(writer.connection);
  const reading = prismaConnection(reader);

  async function translated<Result>(work: () => Result | Promise<Result>): Promise<Result> {
    try {
      if (isClosed()) throw databaseClosed(file);
      return await work();
    } catch (error) {
      throw prismaFailure(error);
    }
  }

  const adapter: SqlDriverAdapter = {
    ...identity,
    queryRaw: (query) =>
      translated(() =>
        /^\s*select\b/i.test(query.sql) ? reading.query(query) : writer.alone(() => writing.query(query)),
      ),
    executeRaw: (query) => translated(() => writer.alone(() => writing.execute(query))),
    executeScript: (script) =>
      translated(() =>
        writer.alone(() => {
          writer.connection.handle.exec(script);
          writer.connection.schema.changes += 1;
        }),
      ),
    async startTransaction(isolationLevel) {
      if (isolationLevel !== undefined && isolationLevel !== 'SERIALIZABLE') {
        throw new DriverAdapterError({ kind: 'InvalidIsolationLevel', level: isolationLevel });
      }
      const opened = await translated(() => writer.begin());
      handOver(opened.sql);
      return prismaTransaction(opened, writing, writer.connection);
    },
    getConnectionInfo: () => ({ maxBindValues: 32_766, supportsRelationJoins: false }),
    // The connections belong to the database, which closes them itself.
    async dispose() {},
  };

  return { ...identity, connect: async () => adapter };
}

function prismaTransaction(opened: WriterTransaction, writing: PrismaConnection, connection: Connection): Transaction {
  async function inside<Result>(work: () => Result): Promise<Result> {
    try {
      if (!opened.isOpen()) throw transactionClosed();
      return work();
    } catch (error) {
      throw prismaFailure(error);
    }
  }
  const queryable: Pick<SqlQueryable, 'queryRaw' | 'executeRaw'> = {
    queryRaw: (query) => inside(() => writing.query(query)),
    executeRaw: (query) => inside(() => writing.execute(query)),
  };
  return {
    ...identity,
    ...queryable,
    options: { usePhantomQuery: true },
    commit: () => inside(() => opened.commit()),
    async rollback() {
      opened.rollback();
    },
    createSavepoint: (name) => inside(() => connection.handle.exec(`SAVEPOINT ${name}`)),
    rollbackToSavepoint: (name) => inside(() => connection.handle.exec(`ROLLBACK TO ${name}`)),
    releaseSavepoint: (name) => inside(() => connection.handle.exec(`RELEASE ${name}`)),
  };
}

function prismaConnection(connection: Connection): PrismaConnection {
  const queries = new Map<string, PreparedQuery>();
  let schemaChanges = connection.schema.changes;

  function prepare(text: string): PreparedQuery {
    const statement = connection.handle.prepare(text);
    const columns = statement.columns();
    const types = columns.map((column) => declaredType(column.type));
    statement.setReturnArrays(true);
    // A BigInt for each integer costs, so only where one may not fit a number or the values tell the type.
    statement.setReadBigInts(types.some((type) => type === undefined || type === ColumnTypeEnum.Int64));
    return { statement, names: columns.map((column) => column.name), types };
  }

  function prepared(text: string): PreparedQuery {
    if (schemaChanges !== connection.schema.changes) {
      schemaChanges = connection.schema.changes;
      queries.clear();
    }
    return connection.kept(queries, text, prepare);
  }

  function bound({ args, argTypes }: SqlQuery) {
    return args.map((argument, index) => fromPrisma(argument, argTypes[index]));
  }

  return {
    query(query) {
      const { statement, names, types } = prepared(query.sql);
      const rows = statement.all(...bound(query)) as unknown as SQLOutputValue[][];
      const columnTypes = types.map((type, column) => type ?? inferredType(rows, column));
      return {
        columnNames: names,
        columnTypes,
        rows: rows.map((row) =>
          row.map((value, column) => toPrisma(value, columnTypes[column] ?? ColumnTypeEnum.Text)),
        ),
      };
    },
    execute(query) {
      return Number(prepared(query.sql).statement.run(...bound(query)).changes);
    },
  };
}
