import type { Database, Sql, Term } from '@weave-nn/database';

/** An open transaction, as the domain hands it from store to store without looking inside. */
export type Transaction = Sql;

/** Where transactions come from. */
export type Transactions = Pick<Database, 'transaction'>;

/** The stretch of time for which this process is the one that commits. */
export type Mandate = Term;
