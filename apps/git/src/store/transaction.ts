import type { Sql, Term } from '@weave-nn/database';
import type { PrismaClient } from '../../prisma/generated/sqlite/client.ts';
import type { GitDatabase } from './client.ts';

/** An open transaction, as the domain hands it from store to store. */
export interface Transaction {
  prisma: Pick<PrismaClient, 'decidedCommit' | 'finding' | 'job' | 'historyState' | 'pendingChange'>;
  /** The statements of the same transaction, for what is not the service's own: its outbox and its term. */
  sql: Sql;
}

/** Where transactions come from. */
export interface Transactions {
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
}

/** The transactions of the service's database. */
export function createTransactions(database: GitDatabase): Transactions {
  return { transaction: (work) => database.prismaTransaction((prisma, sql) => work({ prisma, sql })) };
}

/** The stretch of time for which this process is the one that commits. */
export type Mandate = Term;
