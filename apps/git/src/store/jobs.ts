import type { Database } from '@weave-nn/database';
import type { Transaction } from './transaction.ts';

/** Something that somebody asked for, and that the process which commits does. */
export interface Job {
  id: string;
  kind: 'commit' | 'sync';
  message: string | null;
  actor: string;
  client: string | null;
  requestId: string | null;
}

/** What became of a job: its answer, or why it could not be done. */
export type JobOutcome = { answer: unknown } | { code: string; detail: string };

interface Row {
  id: string;
  kind: Job['kind'];
  message: string | null;
  actor: string;
  client: string | null;
  request_id: string | null;
}

/** What was asked for, by whichever process, and what became of it. */
export function createJobStore(database: Database, vaultId: string) {
  const { read } = database;
  return {
    async add(sql: Transaction, { id, kind, message, actor, client, requestId }: Job, at: number): Promise<void> {
      await sql.run(
        `INSERT INTO job (id, vault_id, kind, message, actor, client, request_id, state, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?, 'waiting', ?)`,
        id,
        vaultId,
        kind,
        message,
        actor,
        client,
        requestId,
        at,
      );
    },

    /** The first that waits. */
    async next(): Promise<Job | undefined> {
      const row = await read.get<Row>(
        `SELECT id, kind, message, actor, client, request_id FROM job
         WHERE vault_id = ? AND state = 'waiting' ORDER BY created_at, id LIMIT 1`,
        vaultId,
      );
      return (
        row && {
          id: row.id,
          kind: row.kind,
          message: row.message,
          actor: row.actor,
          client: row.client,
          requestId: row.request_id,
        }
      );
    },

    async settle(sql: Transaction, id: string, outcome: JobOutcome): Promise<void> {
      await sql.run(`UPDATE job SET state = 'done', answer = ? WHERE id = ?`, JSON.stringify(outcome), id);
    },

    /** Undefined while it waits, or is under way. */
    async outcome(id: string): Promise<JobOutcome | undefined> {
      const row = await read.get<{ answer: string | null }>('SELECT answer FROM job WHERE id = ?', id);
      return row?.answer ? JSON.parse(row.answer) : undefined;
    },

    async forgetBefore(sql: Transaction, at: number): Promise<void> {
      await sql.run(`DELETE FROM job WHERE vault_id = ? AND state = 'done' AND created_at < ?`, vaultId, at);
    },
  };
}

export type JobStore = ReturnType<typeof createJobStore>;
