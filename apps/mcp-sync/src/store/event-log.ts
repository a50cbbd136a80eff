import { type Database, rowInsert, type Sql } from '@weave-nn/database';
import type { WeaveEvent } from '@weave-nn/events';
import { takeTurn } from './turn.ts';

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

/**
 * Every event, in the order in which it was taken in. A position is allotted only when no transaction with a lower one
 * is open any more, so that whoever reads on from the highest that he saw misses none.
 */
export function createEventLogStore(database: Database, vaultId: string) {
  const { read } = database;
  const insert = rowInsert(database.provider, {
    table: 'event_log',
    columns: {
      vault_id: 'TEXT',
      event_id: 'TEXT',
      type: 'TEXT',
      source: 'TEXT',
      subject: 'TEXT',
      sequence: 'BIGINT',
      time: 'TEXT',
      body: 'TEXT',
    },
    conflict: 'ON CONFLICT (event_id) DO NOTHING',
  });

  return {
    async append(sql: Sql, events: readonly WeaveEvent[]): Promise<void> {
      const rows = events.map((event) => [
        vaultId,
        event.id,
        event.type,
        event.source,
        event.subject,
        Number(event.sequence),
        event.time,
        JSON.stringify(event),
      ]);
      await takeTurn(database.provider, sql, 'event-log', vaultId);
      await insert(sql, rows);
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
