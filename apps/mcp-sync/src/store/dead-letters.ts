import { type Database, rowInsert } from '@weave-nn/database';
import type { Message } from '@weave-nn/events';
import { storableText } from '../domain/storable.ts';

/** Dead letters of every consumer. */
export function createDeadLetterStore(database: Database, vaultId: string) {
  const insert = rowInsert(database.provider, {
    table: 'dead_letter',
    columns: {
      id: 'TEXT',
      vault_id: 'TEXT',
      event_id: 'TEXT',
      type: 'TEXT',
      queue: 'TEXT',
      consumer: 'TEXT',
      error: 'TEXT',
      attempts: 'INTEGER',
      first_at: 'TEXT',
      died_at: 'TEXT',
      body: 'TEXT',
    },
    conflict: 'ON CONFLICT (id) DO NOTHING',
  });

  function toRow({ id, key, body, headers }: Message) {
    const header = (name: string) => storableText(headers[name] ?? '');
    const consumer = header('x-consumer');
    const died = header('x-died-at');
    return [
      storableText(`${consumer}:${id}:${died}`),
      vaultId,
      storableText(id),
      storableText(key),
      header('x-queue'),
      consumer,
      header('x-error'),
      countOf(header('x-attempts')),
      header('x-first-at'),
      died,
      storableText(body),
    ];
  }

  return {
    /** Keeps messages of the queue `dlq`; one delivered twice is kept once. */
    async add(messages: readonly Message[]): Promise<void> {
      await database.transaction((sql) => insert(sql, messages.map(toRow)));
    },

    async count(): Promise<number> {
      const row = await database.read.get<{ total: number }>('SELECT count(*) AS total FROM dead_letter');
      return row?.total ?? 0;
    },
  };
}

/** Whoever wrote the header may have written anything. */
function countOf(text: string): number {
  return /^\d{1,9}$/.test(text) ? Number(text) : 0;
}

export type DeadLetterStore = ReturnType<typeof createDeadLetterStore>;
