import type { DeadLetterState } from '@weave-nn/clients';
import type { SqlValue } from '@weave-nn/database';
import type { DeadLetter } from '../domain/dead-letter.ts';

/** A letter as its table has it. */
export interface DeadLetterRow {
  id: string;
  event_id: string;
  type: string;
  subject: string | null;
  queue: string;
  consumer: string;
  error: string;
  attempts: number;
  first_at: string;
  died_at: string;
  body: string;
  state: DeadLetterState;
  state_at: string;
  replay: string | null;
  /** JSON. */
  history: string;
}

/** Reads a letter. */
export function toLetter(row: DeadLetterRow): DeadLetter {
  return {
    id: row.id,
    eventId: row.event_id,
    type: row.type,
    subject: row.subject,
    queue: row.queue,
    consumer: row.consumer,
    error: row.error,
    attempts: row.attempts,
    firstAt: row.first_at,
    diedAt: row.died_at,
    body: row.body,
    state: row.state,
    stateAt: row.state_at,
    replay: row.replay,
    history: JSON.parse(row.history),
  };
}

/** The row of a letter. */
export function toRow(letter: DeadLetter): DeadLetterRow {
  return {
    id: letter.id,
    event_id: letter.eventId,
    type: letter.type,
    subject: letter.subject,
    queue: letter.queue,
    consumer: letter.consumer,
    error: letter.error,
    attempts: letter.attempts,
    first_at: letter.firstAt,
    died_at: letter.diedAt,
    body: letter.body,
    state: letter.state,
    state_at: letter.stateAt,
    replay: letter.replay,
    history: JSON.stringify(letter.history),
  };
}

/** Columns as the assignments of an UPDATE, or the conditions of a WHERE, and the values they want. */
export function bound(columns: Readonly<Record<string, SqlValue | undefined>>, between: ', ' | ' AND ') {
  const given = Object.entries(columns).filter((entry): entry is [string, SqlValue] => entry[1] !== undefined);
  return {
    text: given.map(([column]) => `${column} = ?`).join(between),
    values: given.map(([, value]) => value),
  };
}
