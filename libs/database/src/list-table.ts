import type { Database } from './database.ts';

/**
 * A table whose rows are the elements of the JSON array bound to its one `?`, so that a list of any length is one
 * statement with one text. Each element is an array itself; `value ->> 0` is its first member as text.
 * On PostgreSQL, where each statement is a round trip, this made a batch of 200 events six times as fast.
 */
export function listTable(provider: Database['provider']): string {
  return provider === 'sqlite' ? 'json_each(?) AS list' : 'json_array_elements(CAST(? AS json)) AS list(value)';
}

/**
 * What follows an expression that is to be one of the values bound to its one `?` by `membersOf`. PostgreSQL takes any
 * JSON list for a hundred rows, and reads a whole table rather than look up so many by an index; of an array it expects
 * ten.
 */
export function oneOfList(provider: Database['provider'], type: 'TEXT' | 'BIGINT' = 'TEXT'): string {
  if (provider === 'sqlite') return `IN (SELECT value FROM ${listTable(provider)})`;
  return `= ANY (ARRAY(SELECT CAST(member AS ${type}) FROM json_array_elements_text(CAST(? AS json)) AS list(member)))`;
}

/** The value to bind to a `listTable`. */
export function listOf(rows: readonly (readonly (string | number | null)[])[]): string {
  return JSON.stringify(rows);
}

/** The values to bind to a `oneOfList`. */
export function membersOf(values: readonly (string | number)[]): string {
  return JSON.stringify(values);
}
