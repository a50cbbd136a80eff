import type { Runtime } from '@weave-nn/config';
import type { Sql } from '@weave-nn/database';
import { assertEvent, type EventData, type EventType, formatSequence, type WeaveEvent } from './event.ts';

/** An event before it has its identity. */
export interface EventDraft<Name extends EventType = EventType> {
  type: Name;
  subject: string;
  data: EventData<Name>;
  traceparent?: string | undefined;
}

/** The key under which a service counts its own subjects, beside those of the consumers it follows. */
const OWN = 'outbox';

/**
 * A service's outbox: events are written here in the transaction of the change that they tell of, and published later.
 *
 * @param options.source `/{vaultId}/{service}`
 */
export function createOutbox(options: { source: string; runtime: Runtime }) {
  const { source, runtime } = options;

  /**
   * Counts one more change of a subject. Never reset, also not when the subject is deleted.
   *
   * @returns the new count, from 1
   */
  async function raiseSequence(sql: Sql, subject: string): Promise<number> {
    const row = await sql.get<{ sequence: number }>(
      `INSERT INTO subject_sequence (consumer, source, subject, sequence) VALUES (?, ?, ?, 1)
       ON CONFLICT (consumer, source, subject) DO UPDATE SET sequence = subject_sequence.sequence + 1
       RETURNING sequence`,
      OWN,
      source,
      subject,
    );
    return row?.sequence ?? 1;
  }

  return {
    source,
    raiseSequence,

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

    /**
     * Writes an event into the open transaction and raises its subject's sequence.
     *
     * @returns the event as it will be published, and its sequence as a number
     * @throws EventError `event-invalid` when the data does not match the type's schema
     */
    async append(sql: Sql, draft: EventDraft): Promise<{ event: WeaveEvent; sequence: number }> {
      const event: Record<string, unknown> = {
        specversion: '1.0',
        id: runtime.uuid(),
        source,
        type: draft.type,
        subject: draft.subject,
        time: new Date(runtime.now()).toISOString(),
        datacontenttype: 'application/json',
        sequence: formatSequence(0),
        ...(draft.traceparent ? { traceparent: draft.traceparent } : {}),
        data: draft.data,
      };
      assertEvent(event);
      // Raised only now: a refused event must not leave a gap when its caller goes on with the transaction.
      const sequence = await raiseSequence(sql, draft.subject);
      event.sequence = formatSequence(sequence);
      await sql.run(
        'INSERT INTO outbox (event_id, type, body) VALUES (?, ?, ?)',
        event.id,
        event.type,
        JSON.stringify(event),
      );
      return { event, sequence };
    },
  };
}

export type Outbox = ReturnType<typeof createOutbox>;
