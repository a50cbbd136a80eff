import type { Database, SqlValue } from '@weave-nn/database';
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

interface Row {
  overlooked: number;
  last_sha: string | null;
  last_at: number | null;
  tended_at: number;
  synced_at: number | null;
  sync_tries: number;
  sync_due_at: number;
  sync_problem: string | null;
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
export function createStateStore(database: Database, vaultId: string) {
  const columns: Readonly<Record<keyof HistoryState, string>> = {
    overlooked: 'overlooked',
    lastSha: 'last_sha',
    lastAt: 'last_at',
    tendedAt: 'tended_at',
    syncedAt: 'synced_at',
    syncTries: 'sync_tries',
    syncDueAt: 'sync_due_at',
    syncProblem: 'sync_problem',
  };
  const toValue = (value: HistoryState[keyof HistoryState]): SqlValue => {
    if (typeof value === 'boolean') return Number(value);
    return typeof value === 'object' && value !== null ? JSON.stringify(value) : value;
  };

  return {
    async read(): Promise<HistoryState> {
      const row = await database.read.get<Row>('SELECT * FROM history_state WHERE vault_id = ?', vaultId);
      if (!row) return initially;
      return {
        overlooked: row.overlooked === 1,
        lastSha: row.last_sha,
        lastAt: row.last_at,
        tendedAt: row.tended_at,
        syncedAt: row.synced_at,
        syncTries: row.sync_tries,
        syncDueAt: row.sync_due_at,
        syncProblem: row.sync_problem === null ? null : JSON.parse(row.sync_problem),
      };
    },

    async change(sql: Transaction, changed: Partial<HistoryState>): Promise<void> {
      await sql.run(
        `INSERT INTO history_state (vault_id, overlooked, tended_at, sync_tries, sync_due_at) VALUES (?, 0, 0, 0, 0)
         ON CONFLICT (vault_id) DO NOTHING`,
        vaultId,
      );
      for (const [name, value] of Object.entries(changed)) {
        const column = columns[name as keyof HistoryState];
        await sql.run(`UPDATE history_state SET ${column} = ? WHERE vault_id = ?`, toValue(value), vaultId);
      }
    },
  };
}

export type StateStore = ReturnType<typeof createStateStore>;
