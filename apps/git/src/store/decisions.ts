import type { Database } from '@weave-nn/database';
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

type Row = Record<'sha' | 'ref' | 'message' | 'author' | 'actor' | 'paths' | 'positions' | 'conflicts', string> & {
  parent: string | null;
  client: string | null;
  request_id: string | null;
  kind: Decision['kind'];
  state: Decision['state'];
  decided_at: number;
};

/** Commits on their way, so that each is told of once, whatever ends the process in between. */
export function createDecisionStore(database: Database, vaultId: string) {
  return {
    async decide(sql: Transaction, decision: Decision): Promise<void> {
      const { sha, parent, ref, kind, state, message, author, actor, client, requestId, decidedAt } = decision;
      await sql.run(
        `INSERT INTO decided_commit (sha, vault_id, parent, ref, kind, state, message, author, actor, client, request_id,
           paths, positions, conflicts, decided_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
        sha,
        vaultId,
        parent,
        ref,
        kind,
        state,
        message,
        author,
        actor,
        client,
        requestId,
        JSON.stringify(decision.paths),
        JSON.stringify(decision.positions),
        JSON.stringify(decision.conflicts),
        decidedAt,
      );
    },

    /** In the order of their making. */
    async open(): Promise<Decision[]> {
      const rows = await database.read.all<Row>(
        'SELECT * FROM decided_commit WHERE vault_id = ? ORDER BY decided_at, sha',
        vaultId,
      );
      return rows.map((row) => ({
        sha: row.sha,
        parent: row.parent,
        ref: row.ref,
        kind: row.kind,
        state: row.state,
        message: row.message,
        author: row.author,
        actor: row.actor,
        client: row.client,
        requestId: row.request_id,
        paths: JSON.parse(row.paths),
        positions: JSON.parse(row.positions),
        conflicts: JSON.parse(row.conflicts),
        decidedAt: row.decided_at,
      }));
    },

    async writeConflicts(sql: Transaction, { sha, conflicts }: Decision): Promise<void> {
      await sql.run('UPDATE decided_commit SET conflicts = ? WHERE sha = ?', JSON.stringify(conflicts), sha);
    },

    async markTold(sql: Transaction, sha: string): Promise<void> {
      await sql.run(`UPDATE decided_commit SET state = 'told' WHERE sha = ?`, sha);
    },

    async forget(sql: Transaction, sha: string): Promise<void> {
      await sql.run('DELETE FROM decided_commit WHERE sha = ?', sha);
    },
  };
}

export type DecisionStore = ReturnType<typeof createDecisionStore>;
