import { withNumbers } from '@weave-nn/database';
import type { DecidedCommit } from '../../prisma/generated/sqlite/client.ts';
import type { GitDatabase } from './client.ts';
import type { Transaction } from './transaction.ts';

export interface Conflict {
  path: string;
  conflictPath: string;
}

/**
 * A commit that is made and that the branch is to be at. `decided`: the branch may not be there yet. `told`: it is, and
 * its event is written; the user's index may be behind.
 */
export interface Decision {
  sha: string;
  parent: string | null;
  ref: string;
  kind: 'commit' | 'sync';
  state: 'decided' | 'told';
  message: string;
  author: string;
  actor: string;
  client: string | null;
  requestId: string | null;
  paths: string[];
  /** The pending changes that it holds. */
  positions: number[];
  conflicts: Conflict[];
  decidedAt: number;
}

function toDecision(row: DecidedCommit): Decision {
  const { vaultId: _vault, kind, state, paths, positions, conflicts, ...values } = withNumbers(row);
  return {
    ...values,
    kind: kind as Decision['kind'],
    state: state as Decision['state'],
    paths: JSON.parse(paths),
    positions: JSON.parse(positions),
    conflicts: JSON.parse(conflicts),
  };
}

/** Commits on their way, so that each is told of once, whatever ends the process in between. */
export function createDecisionStore(database: GitDatabase, vaultId: string) {
  return {
    async decide({ prisma }: Transaction, decision: Decision): Promise<void> {
      const paths = JSON.stringify(decision.paths);
      const positions = JSON.stringify(decision.positions);
      const conflicts = JSON.stringify(decision.conflicts);
      await prisma.decidedCommit.create({ data: { ...decision, vaultId, paths, positions, conflicts } });
    },

    /** In the order of their making. */
    async open(): Promise<Decision[]> {
      const { decidedCommit } = await database.prisma();
      const rows = await decidedCommit.findMany({
        where: { vaultId },
        orderBy: [{ decidedAt: 'asc' }, { sha: 'asc' }],
      });
      return rows.map(toDecision);
    },

    async writeConflicts({ prisma }: Transaction, { sha, conflicts }: Decision): Promise<void> {
      await prisma.decidedCommit.updateMany({ where: { sha }, data: { conflicts: JSON.stringify(conflicts) } });
    },

    async markTold({ prisma }: Transaction, sha: string): Promise<void> {
      await prisma.decidedCommit.updateMany({ where: { sha }, data: { state: 'told' } });
    },

    async forget({ prisma }: Transaction, sha: string): Promise<void> {
      await prisma.decidedCommit.deleteMany({ where: { sha } });
    },
  };
}

export type DecisionStore = ReturnType<typeof createDecisionStore>;
