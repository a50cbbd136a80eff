import { type Database, rowInsert, type Sql } from '@weave-nn/database/sql';
import type { AnyEvent } from '@weave-nn/events';
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

/** An event as the log keeps it. */
export interface LogEntry {
  id: string;
  type: string;
  source: string;
  subject: string;
  sequence: string;
  time: string;
  body: string;
}

function toLogEntry(event: AnyEvent): LogEntry {
  const { id, type, source, subject, sequence, time } = event;
  return { id, type, source, subject, sequence, time, body: JSON.stringify(event) };
}

/** Events for the log of a vault, in their order. */
export interface LogAddition {
  provider: Database['provider'];
  vaultId: string;
  entries: readonly LogEntry[];
}

/** Writes events into the log, unless they are there. */
export async function appendToLog(sql: Sql, { provider, vaultId, entries }: LogAddition): Promise<void> {
  const insert = rowInsert(provider, {
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
  await takeTurn(provider, sql, 'event-log', vaultId);
  await insert(
    sql,
    entries.map(({ id, type, source, subject, sequence, time, body }) => [
      vaultId,
      id,
      type,
      source,
      subject,
      Number(sequence),
      time,
      body,
    ]),
  );
}

/**
 * Every event, in the order in which it was taken in. A position is allotted only when no transaction with a lower one
 * is open any more, so that whoever reads on from the highest that he saw misses none.
 */
export function createEventLogStore({ provider, read }: Pick<Database, 'provider' | 'read'>, vaultId: string) {
  return {
    /** What `appendToLog` is to write. */
    additionOf: (events: readonly AnyEvent[]): LogAddition => ({
      provider,
      vaultId,
      entries: events.map(toLogEntry),
    }),

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
