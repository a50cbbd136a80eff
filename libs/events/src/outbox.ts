import { activeTraceparent, formatTraceparent, newSpanContext, type Runtime } from '@weave-nn/config';
import { type Database, listOf, listTable, rowInsert, type Sql } from '@weave-nn/database';
import { type AnyEvent, assertEvent, type EventData, type EventType, formatSequence } from './event.ts';

/** An event before it has its identity. */
export interface EventDraft<Name extends EventType = EventType> {
  type: Name;
  subject: string;
  data: EventData<Name>;
  /** Of the work that made it; the present one when left out. */
  traceparent?: string | undefined;
}

/** An event as it will be published, and its sequence as a number. */
export interface Appended {
  event: AnyEvent;
  sequence: number;
}

/** The key under which a service counts its own subjects, beside those of the consumers it follows. */
const OWN = 'outbox';

function countsOf(subjects: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>();
  for (const subject of subjects) counts.set(subject, (counts.get(subject) ?? 0) + 1);
  return counts;
}

/**
 * A service's outbox: events are written here in the transaction of the change that they tell of, and published later.
 *
 * @param options.source `/{vaultId}/{service}`
 * @param options.provider of the database that has the outbox
 */
export function createOutbox(options: { source: string; runtime: Runtime; provider: Database['provider'] }) {
  const { source, runtime } = options;
  const list = listTable(options.provider);
  const raise = `INSERT INTO subject_sequence (consumer, source, subject, sequence)
    SELECT CAST(? AS TEXT), CAST(? AS TEXT), value ->> 0, CAST(value ->> 1 AS BIGINT) FROM ${list} WHERE true
    ON CONFLICT (consumer, source, subject) DO UPDATE SET sequence = subject_sequence.sequence + excluded.sequence
    RETURNING subject, sequence`;
  const insert = rowInsert(options.provider, {
    table: 'outbox',
    columns: { event_id: 'TEXT', type: 'TEXT', body: 'TEXT' },
  });

  /** Counts the next change of each subject, in their order; sorted first, so that writers never wait in a circle. */
  async function raiseAll(sql: Sql, subjects: readonly string[]): Promise<number[]> {
    const counts = countsOf(subjects);
    const rows = await sql.all<{ subject: string; sequence: number }>(raise, OWN, source, listOf([...counts].sort()));
    const next = new Map(rows.map(({ subject, sequence }) => [subject, sequence - (counts.get(subject) ?? 0)]));
    return subjects.map((subject) => {
      const sequence = (next.get(subject) ?? 0) + 1;
      next.set(subject, sequence);
      return sequence;
    });
  }

  function toEvent(draft: EventDraft): AnyEvent {
    const event: unknown = {
      specversion: '1.0',
      id: runtime.uuid(),
      source,
      type: draft.type,
      subject: draft.subject,
      time: new Date(runtime.now()).toISOString(),
      datacontenttype: 'application/json',
      sequence: formatSequence(0),
      traceparent: draft.traceparent ?? activeTraceparent() ?? formatTraceparent(newSpanContext(runtime)),
      data: draft.data,
    };
    assertEvent(event);
    return event;
  }

  /**
   * Writes events into the open transaction, in their order, and raises their subjects' sequences.
   *
   * @throws EventError `event-invalid` when the data of one does not match its type's schema; then none is written
   */
  async function appendAll(sql: Sql, drafts: readonly EventDraft[]): Promise<Appended[]> {
    if (drafts.length === 0) return [];
    // Sequences are raised only now: a refused event must not leave a gap when its caller goes on with the transaction.
    const events = drafts.map(toEvent);
    const sequences = await raiseAll(
      sql,
      events.map(({ subject }) => subject),
    );
    const appended = events.map((event, index) => {
      const sequence = sequences[index] ?? 0;
      event.sequence = formatSequence(sequence);
      return { event, sequence };
    });
    await insert(
      sql,
      events.map((event) => [event.id, event.type, JSON.stringify(event)]),
    );
    return appended;
  }

  return {
    source,
    appendAll,

    /** Writes one event into the open transaction; see `appendAll`. */
    async append(sql: Sql, draft: EventDraft): Promise<Appended> {
      const [appended] = await appendAll(sql, [draft]);
      return appended as Appended;
    },

    /**
     * Counts one more change of a subject. Never reset, also not when the subject is deleted.
     *
     * @returns the new count, from 1
     */
    async raiseSequence(sql: Sql, subject: string): Promise<number> {
      const [sequence = 1] = await raiseAll(sql, [subject]);
      return sequence;
    },

    /** How many events are not with the broker yet. */
    async unsent(sql: Sql): Promise<number> {
      const row = await sql.get<{ total: number }>('SELECT count(*) AS total FROM outbox WHERE sent_at IS NULL');
      return row?.total ?? 0;
    },

    /** The count of a subject's changes so far; 0 for one never seen. */
    async sequenceOf(sql: Sql, subject: string): Promise<number> {
      const row = await sql.get<{ sequence: number }>(
        'SELECT sequence FROM subject_sequence WHERE consumer = ? AND source = ? AND subject = ?',
        OWN,
        source,
        subject,
      );
      return row?.sequence ?? 0;
    },
  };
}

export type Outbox = ReturnType<typeof createOutbox>;
