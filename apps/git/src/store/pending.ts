// Statements for what many changes are written with at once: a first commit takes those of a whole vault.
import { membersOf, oneOfList, rowInsert, type Sql, withNumbers } from '@weave-nn/database';
import type { GitDatabase } from './client.ts';
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

const columns = { position: true, eventId: true, path: true, fromPath: true, actor: true, receivedAt: true } as const;

/** Changes that wait for being committed. A held one waits for a rule to be met, and starts no commit by itself. */
export function createPendingStore(database: GitDatabase, vaultId: string) {
  const changes = async () => (await database.prisma()).pendingChange;
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
    /** In the transaction of the consumer. */
    async add(sql: Sql, added: readonly Omit<PendingChange, 'position'>[]): Promise<void> {
      const rows = added.map(({ eventId, path, from, actor, receivedAt }) => [
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
      const rows = await (await changes()).findMany({
        where: { vaultId },
        orderBy: { position: 'asc' },
        take: limit,
        select: columns,
      });
      return rows.map(withNumbers).map(({ fromPath: from, ...change }) => ({ ...change, from }));
    },

    async times(): Promise<PendingTimes> {
      const pending = await changes();
      const [total, free] = await Promise.all([
        pending.count({ where: { vaultId } }),
        pending.aggregate({
          where: { vaultId, held: 0 },
          _count: true,
          _min: { receivedAt: true },
          _max: { receivedAt: true },
        }),
      ]);
      const { receivedAt: oldest } = withNumbers(free._min);
      const { receivedAt: newest } = withNumbers(free._max);
      return { total, free: free._count, oldest, newest };
    },

    async hold({ sql }: Transaction, positions: readonly number[]): Promise<void> {
      if (positions.length > 0)
        await sql.run(`UPDATE pending_change SET held = 1 WHERE ${listed}`, membersOf(positions));
    },

    async remove({ sql }: Transaction, positions: readonly number[]): Promise<void> {
      if (positions.length > 0) await sql.run(`DELETE FROM pending_change WHERE ${listed}`, membersOf(positions));
    },

    /** Forgets all; answers how many. */
    async clear({ prisma }: Transaction): Promise<number> {
      return (await prisma.pendingChange.deleteMany({ where: { vaultId } })).count;
    },
  };
}

export type PendingStore = ReturnType<typeof createPendingStore>;
