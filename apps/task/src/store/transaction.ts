import type { Database, Sql } from '@weave-nn/database';

/** An open transaction, as the domain hands it from store to store without looking inside. */
export type Transaction = Sql;

/** Where transactions come from. */
export type Transactions = Pick<Database, 'transaction'>;
