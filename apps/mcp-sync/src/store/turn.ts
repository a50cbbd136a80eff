import type { Database, Sql } from '@weave-nn/database/sql';

/** What transactions write one after another. */
export type Part = 'index' | 'event-log';

/**
 * Waits until no other transaction of this database that asked for the same part is open any more; statements after it
 * see what those wrote. On SQLite there is only one writing transaction at any time.
 *
 * The lock ends with the transaction. Ask for at most one part in a transaction, after all other locks it needs, so that
 * nobody waits in a circle.
 */
export async function takeTurn(provider: Database['provider'], sql: Sql, part: Part, vaultId: string): Promise<void> {
  if (provider === 'sqlite') return;
  await sql.get(
    'SELECT pg_advisory_xact_lock(hashtext(current_schema()), hashtext(CAST(? AS TEXT)))',
    `${part} ${vaultId}`,
  );
}
