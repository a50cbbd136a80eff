import type { Database } from '@weave-nn/database';

const CHUNK = 2_000;

/** In chunks, since on SQLite nobody else writes while one is deleted. */
const deletions = [
  'DELETE FROM outbox WHERE position IN (SELECT position FROM outbox WHERE sent_at < ? LIMIT ?)',
  `DELETE FROM inbox WHERE (consumer, event_id) IN
     (SELECT consumer, event_id FROM inbox WHERE received_at < ? LIMIT ?)`,
];

/**
 * Deletes outbox rows that were sent, and inbox rows that were written, before a time.
 *
 * @param before milliseconds since 1970
 */
export async function pruneMessages(database: Database, before: number, signal: AbortSignal): Promise<void> {
  for (const text of deletions) {
    let deleted = CHUNK;
    while (deleted === CHUNK && !signal.aborted) {
      deleted = await database.transaction((sql) => sql.run(text, before, CHUNK));
    }
  }
}
