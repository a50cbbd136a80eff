import type { Database } from '@weave-nn/database';
import type { Message } from '@weave-nn/events';

/** Dead letters of every consumer. */
export function createDeadLetterStore(database: Database, vaultId: string) {
  return {
    /** Keeps messages of the queue `dlq`; one delivered twice is kept once. */
    async add(messages: readonly Message[]): Promise<void> {
      await database.transaction(async (sql) => {
        for (const { id, key, body, headers } of messages) {
          const died = headers['x-died-at'] ?? '';
          await sql.run(
            `INSERT INTO dead_letter (id, vault_id, event_id, type, queue, consumer, error, attempts, first_at, died_at, body)
             VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
            `${headers['x-consumer'] ?? ''}:${id}:${died}`,
            vaultId,
            id,
            key,
            headers['x-queue'] ?? '',
            headers['x-consumer'] ?? '',
            headers['x-error'] ?? '',
            Number(headers['x-attempts'] ?? 0),
            headers['x-first-at'] ?? '',
            died,
            body,
          );
        }
      });
    },

    async count(): Promise<number> {
      const row = await database.read.get<{ total: number }>('SELECT count(*) AS total FROM dead_letter');
      return row?.total ?? 0;
    },
  };
}

export type DeadLetterStore = ReturnType<typeof createDeadLetterStore>;
