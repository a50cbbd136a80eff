import type { Database, Sql } from '@weave-nn/database';
import type { WeaveEvent } from '@weave-nn/events';

export interface LoggedEvent {
  position: number;
  type: string;
  body: string;
}

/** What the log last says of a subject. */
export interface LastEvent {
  subject: string;
  type: string;
  sequence: number;
  body: string;
}

/** Every event, in the order in which it was taken in. Positions are allotted inside the one writing transaction. */
export function createEventLogStore(database: Database) {
  const { read } = database;

  return {
    async append(sql: Sql, events: readonly WeaveEvent[]): Promise<void> {
      for (const event of events) {
        await sql.run(
          `INSERT INTO event_log (event_id, type, source, subject, sequence, time, body) VALUES (?, ?, ?, ?, ?, ?, ?)
           ON CONFLICT (event_id) DO NOTHING`,
          event.id,
          event.type,
          event.source,
          event.subject,
          Number(event.sequence),
          event.time,
          JSON.stringify(event),
        );
      }
    },

    async after(position: number, limit: number): Promise<LoggedEvent[]> {
      return read.all(
        'SELECT position, type, body FROM event_log WHERE position > ? ORDER BY position LIMIT ?',
        position,
        limit,
      );
    },

    async newest(): Promise<number> {
      const row = await read.get<{ position: number | null }>('SELECT max(position) AS position FROM event_log');
      return row?.position ?? 0;
    },

    /** File events that changed what stands at a path, in the order of their positions. */
    async fileEvents(after: number, limit: number): Promise<LoggedEvent[]> {
      return read.all(
        `SELECT position, type, body FROM event_log
         WHERE position > ? AND type IN ('vault.file.created', 'vault.file.updated', 'vault.file.deleted', 'vault.file.moved')
         ORDER BY position LIMIT ?`,
        after,
        limit,
      );
    },
  };
}

export type EventLogStore = ReturnType<typeof createEventLogStore>;
