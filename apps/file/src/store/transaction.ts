import type { Database, Sql, Term } from '@weave-nn/database';

/** An open transaction, as the domain hands it from store to store without looking inside. */
export type Transaction = Sql;

/** Where transactions come from. */
export type Transactions = Pick<Database, 'transaction'>;

/** A stretch of time for which this process leads. */
export type { Term };

/** What a change is made under: the time for which this process may make it. */
export type Mandate = Pick<Term, 'signal' | 'fence' | 'assertHeld'>;
