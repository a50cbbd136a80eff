import { type Database, listTable, type Sql } from '@weave-nn/database/sql';
import type { EventIdentity, Handler } from './handler.ts';

interface SubjectRow {
  source: string;
  subject: string;
  sequence: number;
}

const keyOf = ({ source, subject }: Pick<EventIdentity, 'source' | 'subject'>) => JSON.stringify([source, subject]);

/**
 * Lets through the events that are newer than what this consumer has seen of their subject, and locks the subject's
 * row until the effect is committed, so that replicas take turns.
 *
 * @param overtaken called when none is newer
 */
export function newestOnly<Event extends EventIdentity>(
  consumer: string,
  provider: Database['provider'],
  handler: Handler<Event>,
  overtaken: () => void = () => undefined,
): Handler<Event> {
  const upsert = (stored: string) =>
    `INSERT INTO subject_sequence (consumer, source, subject, sequence)
     SELECT CAST(? AS TEXT), value ->> 0, value ->> 1, CAST(value ->> 2 AS BIGINT) FROM ${listTable(provider)} WHERE true
     ON CONFLICT (consumer, source, subject) DO UPDATE SET sequence = ${stored}`;
  const lock = `${upsert('subject_sequence.sequence')} RETURNING source, subject, sequence`;
  const raise = upsert('excluded.sequence');

  const find = `SELECT source, subject, sequence FROM ${listTable(provider)}
     CROSS JOIN subject_sequence ON consumer = ? AND source = value ->> 0 AND subject = value ->> 1`;

  /**
   * On PostgreSQL the row must be written to be locked, also where there was none; sorted, so that replicas never wait
   * in a circle.
   */
  async function lockSubjects(sql: Sql, events: readonly EventIdentity[]): Promise<Map<string, number>> {
    const subjects = new Map(events.map((event) => [keyOf(event), [event.source, event.subject, -1]]));
    const list = [...subjects.keys()].sort().map((key) => subjects.get(key));
    const rows =
      provider === 'sqlite'
        ? await sql.all<SubjectRow>(find, JSON.stringify(list), consumer)
        : await sql.all<SubjectRow>(lock, consumer, JSON.stringify(list));
    return new Map(rows.map((row) => [keyOf(row), row.sequence]));
  }

  return async (sql, events) => {
    const newest = await lockSubjects(sql, events);
    const raised = new Map<string, [string, string, number]>();
    const newer = events.filter((event) => {
      const key = keyOf(event);
      const sequence = Number(event.sequence);
      if (sequence <= (newest.get(key) ?? -1)) return false;
      newest.set(key, sequence);
      raised.set(key, [event.source, event.subject, sequence]);
      return true;
    });
    if (newer.length === 0) return overtaken();
    await sql.run(raise, consumer, JSON.stringify([...raised.values()]));
    await handler(sql, newer);
  };
}
