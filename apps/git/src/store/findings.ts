import { withNumbers } from '@weave-nn/database';
import type { GitDatabase } from './client.ts';
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
export function createFindingStore(database: GitDatabase, vaultId: string) {
  return {
    async list(): Promise<StoredFinding[]> {
      const { finding } = await database.prisma();
      const rows = await finding.findMany({ where: { vaultId }, omit: { vaultId: true }, orderBy: { path: 'asc' } });
      return rows.map((row) => ({ ...withNumbers(row), level: row.level as StoredFinding['level'] }));
    },

    async put({ prisma }: Transaction, { path, ...found }: StoredFinding): Promise<void> {
      await prisma.finding.upsert({
        where: { vaultId_path: { vaultId, path } },
        create: { vaultId, path, ...found },
        update: found,
      });
    },

    async remove({ prisma }: Transaction, path: string): Promise<void> {
      await prisma.finding.deleteMany({ where: { vaultId, path } });
    },
  };
}

export type FindingStore = ReturnType<typeof createFindingStore>;
