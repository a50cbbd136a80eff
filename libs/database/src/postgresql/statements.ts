import type pg from 'pg';
import type { Sql, SqlValue } from '../database.ts';
import { transactionClosed } from '../errors.ts';
import { isStalePlan, postgresqlFailure } from './failures.ts';
import { numberPlaceholders } from './placeholders.ts';

/** Texts that are prepared by name; beyond that they are parsed at each run, so that the server's memory stays bounded. */
const namedStatements = 300;
/** Texts whose translation is kept. */
const keptTexts = 2_000;

interface Statement {
  text: string;
  name?: string;
}

/** Translates statements once and names the ones that the server should keep prepared. */
export interface StatementBook {
  find(text: string): Statement;
  /** Gives every statement a new name, so that it is prepared again. */
  renew(): void;
}

/** Creates the book that all connections of one pool share. */
export function createStatementBook(): StatementBook {
  const statements = new Map<string, Statement>();
  let edition = 0;
  return {
    find(text) {
      const found = statements.get(text);
      if (found) return found;
      if (statements.size >= keptTexts) return { text: numberPlaceholders(text) };
      const statement: Statement = { text: numberPlaceholders(text) };
      if (statements.size < namedStatements) statement.name = `s${edition}_${statements.size}`;
      statements.set(text, statement);
      return statement;
    },
    renew() {
      statements.clear();
      edition += 1;
    },
  };
}

/** Statements on a pool or on the connection of one transaction, which rejects once it has ended. */
export function statementsOver(
  target: Pick<pg.ClientBase, 'query'>,
  book: StatementBook,
  name: string,
  isOpen: () => boolean = () => true,
): Sql {
  async function query(text: string, values: SqlValue[]): Promise<pg.QueryResult> {
    if (!isOpen()) throw transactionClosed();
    try {
      return await target.query({ ...book.find(text), values });
    } catch (error) {
      if (isStalePlan(error)) book.renew();
      throw postgresqlFailure(error, name);
    }
  }
  const sql: Sql = {
    async all<Row extends object>(text: string, ...values: SqlValue[]): Promise<Row[]> {
      return (await query(text, values)).rows as Row[];
    },
    async get<Row extends object>(text: string, ...values: SqlValue[]): Promise<Row | undefined> {
      return (await query(text, values)).rows[0] as Row | undefined;
    },
    async run(text, ...values) {
      return (await query(text, values)).rowCount ?? 0;
    },
    async runEach(text, rows) {
      for (const row of rows) await query(text, [...row]);
    },
  };
  return sql;
}
