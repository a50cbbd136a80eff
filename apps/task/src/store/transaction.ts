import type { Sql } from '@weave-nn/database';
import type { PrismaClient } from '../../prisma/generated/sqlite/client.ts';
import type { TaskDatabase } from './client.ts';

/** The statements of an open transaction, for what is written in bulk or locked: tasks, notes and pins. */
export type Statements = Sql;

/** An open transaction, as the domain hands it from store to store. */
export interface Transaction {
  prisma: Pick<PrismaClient, 'project' | 'requestKey' | 'task' | 'taskComment'>;
  sql: Statements;
}

/** Where transactions come from. */
export interface Transactions {
  /** What is committed. */
  read: Statements;
  transaction<Result>(work: (transaction: Transaction) => Promise<Result>): Promise<Result>;
}

/** The transactions of the service's database. */
export function createTransactions(database: TaskDatabase): Transactions {
  return {
    read: database.read,
    transaction: (work) => database.prismaTransaction((prisma, sql) => work({ prisma, sql })),
  };
}
