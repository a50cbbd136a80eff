import { backoff, type Runtime } from '@weave-nn/config';
import { type Database, listOf, listTable, rowInsert, type SqlValue } from '@weave-nn/database';
import type { Message } from '../bus.ts';
import { REPLAY_HEADER } from './replay.ts';

/** After so many tries an event goes to the dead letters. */
export const MAX_ATTEMPTS = 5;
const SECOND_TRY = 2;
const INITIAL_BACKOFF_MS = 1_000;
/** Whatever is due later than in so many milliseconds, has been parked by a clock that was set back since. */
const MAX_BACKOFF_MS = 60_000;

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

/** While a parked event is being tried nobody else tries it for so many milliseconds. */
const LEASE = MAX_BACKOFF_MS;

/** The message of a parked event. */
export function messageOf({ event_id, replay, type, body }: Attempt): Message {
  return { id: event_id, key: type, body, headers: replay ? { [REPLAY_HEADER]: replay } : {} };
}

/**
 * The attempt table of one consumer. Tries are counted when they begin, so that a handler that kills the process is
 * counted too; only the first try of a first delivery has no row yet.
 */
export function createAttempts(consumer: string, database: Database, runtime: Runtime) {
  const key = (message: Message) => [consumer, message.id, message.headers[REPLAY_HEADER] ?? ''] as const;
  const WHERE = 'WHERE consumer = ? AND event_id = ? AND replay = ?';
  const THESE = `WHERE consumer = ?
    AND (event_id, replay) IN (SELECT value ->> 0, value ->> 1 FROM ${listTable(database.provider)})`;
  const these = (messages: readonly Message[]) => [consumer, listOf(messages.map((each) => key(each).slice(1)))];
  const insert = rowInsert(database.provider, {
    table: 'attempt',
    columns: {
      consumer: 'TEXT',
      event_id: 'TEXT',
      replay: 'TEXT',
      type: 'TEXT',
      body: 'TEXT',
      tries: 'INTEGER',
      error: 'TEXT',
      first_at: 'BIGINT',
    },
    conflict: 'ON CONFLICT (consumer, event_id, replay) DO UPDATE SET tries = attempt.tries + 1',
  });

  const write = (text: string, ...values: SqlValue[]) => database.transaction((sql) => sql.run(text, ...values));

  /** Counts one more try; where nothing was counted yet this is try number `first`. */
  async function count(message: Message, first: number, error: string, dueAt: number | null): Promise<number> {
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
        first,
        error,
        runtime.now(),
        dueAt,
      ),
    );
    return row?.tries ?? first;
  }

  const nextTry = (tries: number) =>
    Math.round(
      runtime.now() +
        (tries < MAX_ATTEMPTS ? backoff(runtime, Math.max(tries, 1), INITIAL_BACKOFF_MS, MAX_BACKOFF_MS) : LEASE),
    );

  return {
    /** Counts the beginning of a try of a message that the broker has handed out before. The first time was try one. */
    beginRedelivered: (message: Message) => count(message, SECOND_TRY, '', null),

    /**
     * Takes a parked event that `due` has named and counts the beginning of its try.
     *
     * @returns the number of the try; undefined when somebody else has taken or settled it meanwhile
     */
    async beginParked(attempt: Attempt): Promise<number | undefined> {
      const row = await database.transaction((sql) =>
        sql.get<{ tries: number }>(
          `UPDATE attempt SET tries = tries + 1, due_at = ? ${WHERE} AND due_at = ? RETURNING tries`,
          runtime.now() + LEASE,
          ...key(messageOf(attempt)),
          attempt.due_at,
        ),
      );
      return row?.tries;
    },

    /**
     * Keeps the error of a try and parks the message until the next one.
     *
     * @param tries the number of the try that failed; undefined when its beginning was not counted
     * @returns the number of the try that failed
     */
    async park(message: Message, error: string, tries: number | undefined): Promise<number> {
      if (tries !== undefined) {
        await write(`UPDATE attempt SET error = ?, due_at = ? ${WHERE}`, error, nextTry(tries), ...key(message));
        return tries;
      }
      return count(message, 1, error, nextTry(1));
    },

    /**
     * Counts the beginning of a try of messages that the broker has handed out once before, and that have no count yet.
     *
     * @returns the number of the try
     */
    async beginAgain(messages: readonly Message[]): Promise<number> {
      const now = runtime.now();
      // One may be there twice: a statement changes a row only once.
      const each = new Map(messages.map((message) => [message.id, message]));
      await database.transaction((sql) =>
        insert(
          sql,
          [...each.values()].map((message) => [...key(message), message.key, message.body, SECOND_TRY, '', now]),
        ),
      );
      return SECOND_TRY;
    },

    /** The ids of those that have a count. */
    async findCounted(messages: readonly Message[]): Promise<Set<string>> {
      if (messages.length === 0) return new Set();
      const rows = await database.read.all<{ event_id: string }>(
        `SELECT event_id FROM attempt ${THESE}`,
        ...these(messages),
      );
      return new Set(rows.map(({ event_id }) => event_id));
    },

    /** Takes back the count of a try whose event could not be judged, since something it needs was away. */
    async discount(message: Message, dueAt: number | null): Promise<void> {
      await write(`UPDATE attempt SET tries = tries - 1, due_at = ? ${WHERE}`, dueAt, ...key(message));
    },

    find: (message: Message) => database.read.get<Attempt>(`SELECT * FROM attempt ${WHERE}`, ...key(message)),

    async forget(messages: readonly Message[]): Promise<void> {
      await write(`DELETE FROM attempt ${THESE}`, ...these(messages));
    },

    /**
     * Parked events whose time has come. Where there is none, the time (milliseconds since 1970) of the next; null when
     * nothing is parked.
     */
    async due(limit: number): Promise<{ attempts: Attempt[]; nextAt: number | null }> {
      const now = runtime.now();
      const attempts = await database.read.all<Attempt>(
        `SELECT * FROM attempt WHERE consumer = ? AND (due_at <= ? OR due_at > ?) ORDER BY due_at LIMIT ?`,
        consumer,
        now,
        now + MAX_BACKOFF_MS,
        limit,
      );
      if (attempts.length > 0) return { attempts, nextAt: null };
      const next = await database.read.get<{ due_at: number | null }>(
        'SELECT min(due_at) AS due_at FROM attempt WHERE consumer = ?',
        consumer,
      );
      return { attempts, nextAt: next?.due_at ?? null };
    },
  };
}

export type Attempts = ReturnType<typeof createAttempts>;
