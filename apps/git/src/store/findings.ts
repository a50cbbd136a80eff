import type { Database } from '@weave-nn/database';
import type { Transaction } from './transaction.ts';

/** The rule of files that a synchronisation could not bring into the vault. */
export const SYNC_RULE = 'sync';

/** What is wrong with a change. */
export interface StoredFinding {
  path: string;
  rule: string;
  level: 'warn' | 'block';
  reason: string;
  foundAt: number;
}

/** What rules say against the present state of files. */
export function createFindingStore(database: Database, vaultId: string) {
  return {
    async list(): Promise<StoredFinding[]> {
      return database.read.all<StoredFinding>(
        `SELECT path, rule, level, reason, found_at AS "foundAt" FROM finding WHERE vault_id = ? ORDER BY path`,
        vaultId,
      );
    },

    async put(sql: Transaction, { path, rule, level, reason, foundAt }: StoredFinding): Promise<void> {
      await sql.run(
        `INSERT INTO finding (vault_id, path, rule, level, reason, found_at) VALUES (?, ?, ?, ?, ?, ?)
         ON CONFLICT (vault_id, path) DO UPDATE SET rule = excluded.rule, level = excluded.level,
           reason = excluded.reason, found_at = excluded.found_at`,
        vaultId,
        path,
        rule,
        level,
        reason,
        foundAt,
      );
    },

    async remove(sql: Transaction, path: string): Promise<void> {
      await sql.run('DELETE FROM finding WHERE vault_id = ? AND path = ?', vaultId, path);
    },
  };
}

export type FindingStore = ReturnType<typeof createFindingStore>;
