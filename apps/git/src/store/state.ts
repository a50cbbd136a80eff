import { type Sql, withNumbers } from '@weave-nn/database';
import type { GitDatabase } from './client.ts';
import type { Transaction } from './transaction.ts';

export interface SyncProblem {
  code: string;
  detail: string;
}

/** What is remembered of the history as a whole. Times are milliseconds since 1970. */
export interface HistoryState {
  /** Whether changes were let go while there was no repository for them. */
  overlooked: boolean;
  lastSha: string | null;
  lastAt: number | null;
  /** When the repository was last tidied up. */
  tendedAt: number;
  syncedAt: number | null;
  /** Tries that failed since the last that did not. */
  syncTries: number;
  syncDueAt: number;
  syncProblem: SyncProblem | null;
}

const initially: HistoryState = {
  overlooked: false,
  lastSha: null,
  lastAt: null,
  tendedAt: 0,
  syncedAt: null,
  syncTries: 0,
  syncDueAt: 0,
  syncProblem: null,
};

/** One row for the vault. */
export function createStateStore(database: GitDatabase, vaultId: string) {
  return {
    async read(): Promise<HistoryState> {
      const { historyState } = await database.prisma();
      const row = await historyState.findFirst({ where: { vaultId }, omit: { vaultId: true } });
      if (!row) return initially;
      const { overlooked, syncProblem, ...values } = withNumbers(row);
      return {
        ...values,
        overlooked: overlooked === 1,
        syncProblem: syncProblem === null ? null : JSON.parse(syncProblem),
      };
    },

    async change({ prisma }: Transaction, changed: Partial<HistoryState>): Promise<void> {
      const { overlooked, syncProblem, ...values } = changed;
      const data = {
        ...values,
        ...(overlooked === undefined ? {} : { overlooked: Number(overlooked) }),
        ...(syncProblem === undefined
          ? {}
          : { syncProblem: syncProblem === null ? null : JSON.stringify(syncProblem) }),
      };
      const created = { overlooked: 0, tendedAt: 0, syncTries: 0, syncDueAt: 0, ...data, vaultId };
      await prisma.historyState.upsert({ where: { vaultId }, create: created, update: data });
    },

    /** Says that changes were let go; a statement, in the transaction of the consumer. */
    async overlook(sql: Sql): Promise<void> {
      await sql.run(
        `INSERT INTO history_state (vault_id, overlooked, tended_at, sync_tries, sync_due_at) VALUES (?, 1, 0, 0, 0)
         ON CONFLICT (vault_id) DO UPDATE SET overlooked = 1`,
        vaultId,
      );
    },
  };
}

export type StateStore = ReturnType<typeof createStateStore>;
