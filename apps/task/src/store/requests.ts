import { type Database, isUniqueViolation, type Sql } from '@weave-nn/database';
import { TaskError } from '../errors.ts';

/** What makes a repeated POST do nothing more. */
export interface Idempotency {
  key: string;
  /** What the request was, so that a key cannot be used for another. */
  fingerprint: string;
}

/** What was answered to requests that carried a key: the ids of what they made. */
export function createRequestStore(database: Database, vaultId: string) {
  return {
    /**
     * What was answered under a key; undefined when it is new.
     *
     * @throws TaskError `idempotency-key-reused` when it was used for another request
     */
    async answered({ key, fingerprint }: Idempotency): Promise<string[] | undefined> {
      const row = await database.read.get<{ fingerprint: string; answer: string }>(
        'SELECT fingerprint, answer FROM request_key WHERE vault_id = ? AND name = ?',
        vaultId,
        key,
      );
      if (row && row.fingerprint !== fingerprint) {
        throw new TaskError('idempotency-key-reused', 'the Idempotency-Key was used for another request');
      }
      return row && JSON.parse(row.answer);
    },

    /** @throws TaskError `note-busy` when the same request is being carried out elsewhere */
    async keep(sql: Sql, { key, fingerprint }: Idempotency, ids: readonly string[], now: number): Promise<void> {
      try {
        await sql.run(
          `INSERT INTO request_key (vault_id, name, fingerprint, answer, created_at) VALUES (?, ?, ?, ?, ?)`,
          vaultId,
          key,
          fingerprint,
          JSON.stringify(ids),
          now,
        );
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        throw new TaskError('note-busy', 'the same request is being carried out; try again', { cause: error });
      }
    },

    /** Makes a key new again, since nothing was done under it. */
    async forget(sql: Sql, { key }: Idempotency): Promise<void> {
      await sql.run('DELETE FROM request_key WHERE vault_id = ? AND name = ?', vaultId, key);
    },

    async prune(sql: Sql, before: number): Promise<void> {
      await sql.run('DELETE FROM request_key WHERE created_at < ?', before);
    },
  };
}

export type RequestStore = ReturnType<typeof createRequestStore>;
