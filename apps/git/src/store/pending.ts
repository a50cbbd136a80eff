import { type Database, membersOf, oneOfList, rowInsert } from '@weave-nn/database';
import type { Transaction } from './transaction.ts';

/** A change that an event told of and no commit has yet. */
export interface PendingChange {
  position: number;
  eventId: string;
  path: string;
  /** Where a moved file was. */
  from: string | null;
  actor: string;
  receivedAt: number;
}

export interface PendingTimes {
  total: number;
  /** How many do not wait for a rule to be met. */
  free: number;
  oldest: number | null;
  newest: number | null;
}

interface Row {
  position: number;
  event_id: string;
  path: string;
  from_path: string | null;
  actor: string;
  received_at: number;
}

/** Changes that wait for being committed. A held one waits for a rule to be met, and starts no commit by itself. */
export function createPendingStore(database: Database, vaultId: string) {
  const { read } = database;
  const insert = rowInsert(database.provider, {
    table: 'pending_change',
    columns: {
      vault_id: 'TEXT',
      event_id: 'TEXT',
      path: 'TEXT',
      from_path: 'TEXT',
      actor: 'TEXT',
      received_at: 'BIGINT',
      held: 'INTEGER',
    },
    conflict: 'ON CONFLICT (event_id) DO NOTHING',
  });
  const listed = `position ${oneOfList(database.provider, 'BIGINT')}`;

  return {
    async add(sql: Transaction, changes: readonly Omit<PendingChange, 'position'>[]): Promise<void> {
      const rows = changes.map(({ eventId, path, from, actor, receivedAt }) => [
        vaultId,
        eventId,
        path,
        from,
        actor,
        receivedAt,
        0,
      ]);
      await insert(sql, rows);
    },

    /** The oldest, in their order. */
    async list(limit: number): Promise<PendingChange[]> {
      const rows = await read.all<Row>(
        `SELECT position, event_id, path, from_path, actor, received_at FROM pending_change
         WHERE vault_id = ? ORDER BY position LIMIT ?`,
        vaultId,
        limit,
      );
      return rows.map((row) => ({
        position: row.position,
        eventId: row.event_id,
        path: row.path,
        from: row.from_path,
        actor: row.actor,
        receivedAt: row.received_at,
      }));
    },

    async times(): Promise<PendingTimes> {
      const times = await read.get<PendingTimes>(
        `SELECT count(*) AS total, count(*) FILTER (WHERE held = 0) AS free,
           min(received_at) FILTER (WHERE held = 0) AS oldest, max(received_at) FILTER (WHERE held = 0) AS newest
         FROM pending_change WHERE vault_id = ?`,
        vaultId,
      );
      return times ?? { total: 0, free: 0, oldest: null, newest: null };
    },

    async hold(sql: Transaction, positions: readonly number[]): Promise<void> {
      if (positions.length > 0)
        await sql.run(`UPDATE pending_change SET held = 1 WHERE ${listed}`, membersOf(positions));
    },

    async remove(sql: Transaction, positions: readonly number[]): Promise<void> {
      if (positions.length > 0) await sql.run(`DELETE FROM pending_change WHERE ${listed}`, membersOf(positions));
    },

    /** Forgets all; answers how many. */
    async clear(sql: Transaction): Promise<number> {
      return sql.run('DELETE FROM pending_change WHERE vault_id = ?', vaultId);
    },
  };
}

export type PendingStore = ReturnType<typeof createPendingStore>;
