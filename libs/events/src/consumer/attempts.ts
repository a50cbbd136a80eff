import { backoff, type Runtime } from '@weave-nn/config';
import type { Database, Sql } from '@weave-nn/database';
import type { Message } from '../bus.ts';

/** After so many tries an event goes to the dead letters. */
export const MOST_TRIES = 5;
const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 5 * 60_000;

/** An event that has failed, parked until its next try. */
export interface Attempt {
  event_id: string;
  replay: string;
  type: string;
  body: string;
  tries: number;
  error: string;
  first_at: number;
  due_at: number | null;
}

/** The header that tells one replay of a dead letter from another; each has five tries of its own. */
export const REPLAY_HEADER = 'x-replay';

/** While a parked event is being tried nobody else tries it for so many milliseconds. */
const LEASE = 60_000;

/** The attempt table of one consumer: tries are counted when they begin, so that a handler that kills the process is counted too. */
export function createAttempts(consumer: string, database: Database, runtime: Runtime) {
  const key = (message: Message) => [consumer, message.id, message.headers[REPLAY_HEADER] ?? ''] as const;

  async function write(message: Message, error: string, tries: number, dueAt: number | null): Promise<number> {
    const row = await database.transaction((sql) =>
      sql.get<{ tries: number }>(
        `INSERT INTO attempt (consumer, event_id, replay, type, body, tries, error, first_at, due_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)
         ON CONFLICT (consumer, event_id, replay) DO UPDATE SET
           tries = attempt.tries + 1, due_at = excluded.due_at,
           error = CASE WHEN excluded.error = '' THEN attempt.error ELSE excluded.error END
         RETURNING tries`,
        ...key(message),
        message.key,
        message.body,
        tries,
        error,
        runtime.now(),
        dueAt,
      ),
    );
    return row?.tries ?? tries;
  }
  const nextTry = (tries: number) => Math.round(runtime.now() + backoff(runtime, tries, FIRST_WAIT, LONGEST_WAIT));

  return {
    /** Counts the beginning of a try of a message that the broker has handed out before. The first time was try one. */
    beginRedelivered: (message: Message) => write(message, '', 2, null),

    /** Counts the beginning of a try of a parked message. */
    beginParked: (message: Message) => write(message, '', 1, runtime.now() + LEASE),

    /** Parks a message until its next try. */
    async park(message: Message, error: string, tries: number): Promise<void> {
      if (tries === 1) {
        await write(message, error, 1, nextTry(1));
        return;
      }
      await database.transaction((sql) =>
        sql.run(
          'UPDATE attempt SET error = ?, due_at = ? WHERE consumer = ? AND event_id = ? AND replay = ?',
          error,
          nextTry(tries),
          ...key(message),
        ),
      );
    },

    find: (message: Message) =>
      database.read.get<Attempt>(
        'SELECT * FROM attempt WHERE consumer = ? AND event_id = ? AND replay = ?',
        ...key(message),
      ),

    async forget(sql: Sql, message: Message): Promise<void> {
      await sql.run('DELETE FROM attempt WHERE consumer = ? AND event_id = ? AND replay = ?', ...key(message));
    },

    /** Parked messages whose time has come, and the time (milliseconds since 1970) of the next one after them. */
    async due(limit: number): Promise<{ attempts: Attempt[]; nextAt: number | null }> {
      const rows = await database.read.all<Attempt>(
        'SELECT * FROM attempt WHERE consumer = ? AND due_at IS NOT NULL ORDER BY due_at LIMIT ?',
        consumer,
        limit,
      );
      const now = runtime.now();
      const later = rows.find((row) => Number(row.due_at) > now);
      return { attempts: rows.filter((row) => Number(row.due_at) <= now), nextAt: later?.due_at ?? null };
    },
  };
}
