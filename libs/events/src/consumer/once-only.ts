import { type Database, listTable, membersOf, oneOfList } from '@weave-nn/database/sql';
import type { EventIdentity, Handler } from './handler.ts';

/**
 * Lets through the events that this consumer has not had yet. The inbox row is written in the effect's own
 * transaction, so that an event and its effect are recorded together or not at all.
 *
 * @param receivedAt milliseconds since 1970
 */
export function onceOnly<Event extends EventIdentity>(
  consumer: string,
  provider: Database['provider'],
  receivedAt: number,
  handler: Handler<Event>,
): Handler<Event> {
  const insert = `INSERT INTO inbox (consumer, event_id, received_at)
    SELECT CAST(? AS TEXT), value ->> 0, CAST(? AS BIGINT) FROM ${listTable(provider)} WHERE true
    ON CONFLICT (consumer, event_id) DO NOTHING RETURNING event_id`;
  return async (sql, events) => {
    // Sorted, so that replicas that have some of the same events wait for each other and never in a circle.
    const ids = events.map(({ id }) => [id]).sort();
    const rows = await sql.all<{ event_id: string }>(insert, consumer, receivedAt, JSON.stringify(ids));
    const added = new Set(rows.map((row) => row.event_id));
    const fresh = events.filter(({ id }) => added.delete(id));
    if (fresh.length > 0) await handler(sql, fresh);
  };
}

/** Which of these events a consumer has had: their effect is committed. */
export async function findApplied(consumer: string, database: Database, ids: readonly string[]): Promise<Set<string>> {
  const rows = await database.read.all<{ event_id: string }>(
    `SELECT event_id FROM inbox WHERE consumer = ? AND event_id ${oneOfList(database.provider)}`,
    consumer,
    membersOf(ids),
  );
  return new Set(rows.map(({ event_id }) => event_id));
}
