import { createLeaseRows, type Database, type Term } from '@weave-nn/database';
import { leaderLease } from './replica.ts';

type Step = 'recovered' | 'compared';

/**
 * How far the leader has come since it leads, for the processes that follow it, and whether the manifest was ever
 * complete, for the next start. On SQLite nobody follows.
 */
export function createVaultProgress(database: Database, vaultId: string) {
  const leases = createLeaseRows(database);

  return {
    /** Says that the present leader has come this far. */
    async reach(step: Step, term: Term): Promise<void> {
      if (database.provider === 'sqlite' && step !== 'compared') return;
      await database.transaction(async (sql) => {
        await term.fence(sql);
        await sql.run(
          `INSERT INTO vault_progress (vault_id, recovered_epoch, compared_epoch) VALUES (?, 0, 0)
           ON CONFLICT (vault_id) DO NOTHING`,
          vaultId,
        );
        await sql.run(`UPDATE vault_progress SET ${step}_epoch = ? WHERE vault_id = ?`, term.epoch, vaultId);
        if (step === 'compared') await sql.run('UPDATE vault_progress SET complete = 1 WHERE vault_id = ?', vaultId);
      });
    },

    /** Whether all of the vault was once recorded, by this process or a former one. */
    async wasComplete(): Promise<boolean> {
      const row = await database.read.get(
        'SELECT 1 AS found FROM vault_progress WHERE vault_id = ? AND complete = 1',
        vaultId,
      );
      return row !== undefined;
    },

    /** Whether the present leader has come this far; false while there is none. */
    async hasReached(step: Step): Promise<boolean> {
      if (database.provider === 'sqlite') return false;
      const epoch = await leases.epochOf(leaderLease(vaultId));
      if (epoch === undefined) return false;
      const row = await database.read.get(
        `SELECT 1 AS found FROM vault_progress WHERE vault_id = ? AND ${step}_epoch = ?`,
        vaultId,
        epoch,
      );
      return row !== undefined;
    },
  };
}

export type VaultProgress = ReturnType<typeof createVaultProgress>;
