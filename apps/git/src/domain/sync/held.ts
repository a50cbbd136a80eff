import type { Runtime } from '@weave-nn/config';
import type { Outbox } from '@weave-nn/events';
import { type FindingStore, SYNC_RULE } from '../../store/findings.ts';
import type { Mandate, Transactions } from '../../store/transaction.ts';

const DIRECTLY = { actor: 'git', client: null, requestId: null };

/** Files that the branch has and that cannot be in the vault as they are; they are not taken for removed. */
export function createHeldFiles(options: {
  findings: FindingStore;
  database: Transactions;
  outbox: Outbox;
  wakeRelay(): void;
  runtime: Runtime;
}) {
  const { findings, database, outbox, wakeRelay, runtime } = options;
  return {
    async paths(): Promise<string[]> {
      return (await findings.list()).filter(({ rule }) => rule === SYNC_RULE).map(({ path }) => path);
    },

    /** Holds a file back and tells of it, unless that was told already. */
    async hold(path: string, reason: string, mandate: Mandate): Promise<void> {
      const known = (await findings.list()).find((finding) => finding.path === path);
      if (known?.rule === SYNC_RULE && known.reason === reason) return;
      await database.transaction(async (transaction) => {
        await mandate.fence(transaction.sql);
        await findings.put(transaction, { path, rule: SYNC_RULE, level: 'block', reason, foundAt: runtime.now() });
        const data = { ...DIRECTLY, paths: [path], rule: SYNC_RULE, reason };
        await outbox.appendAll(transaction.sql, [{ type: 'git.blocked', subject: path, data }]);
      });
      wakeRelay();
    },

    async release(path: string, mandate: Mandate): Promise<void> {
      await database.transaction(async (transaction) => {
        await mandate.fence(transaction.sql);
        await findings.remove(transaction, path);
      });
    },

    /** Tells of a conflict that no commit tells of. */
    async tellConflict(path: string, conflictPath: string, mandate: Mandate): Promise<void> {
      await database.transaction(async (transaction) => {
        await mandate.fence(transaction.sql);
        await outbox.appendAll(transaction.sql, [
          { type: 'git.conflict', subject: path, data: { ...DIRECTLY, path, conflictPath } },
        ]);
      });
      wakeRelay();
    },
  };
}

export type HeldFiles = ReturnType<typeof createHeldFiles>;
