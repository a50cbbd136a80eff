import { isUniqueViolation } from '@weave-nn/database';
import { TaskError } from '../errors.ts';
import type { TaskDatabase } from './client.ts';
import type { Transaction } from './transaction.ts';

/** What makes a repeated POST do nothing more. */
export interface Idempotency {
  key: string;
  /** What the request was, so that a key cannot be used for another. */
  fingerprint: string;
}

/** What was answered to requests that carried a key: the ids of what they made. */
export function createRequestStore(database: TaskDatabase, vaultId: string) {
  return {
    /**
     * What was answered under a key; undefined when it is new.
     *
     * @throws TaskError `idempotency-key-reused` when it was used for another request
     */
    async answered({ key, fingerprint }: Idempotency): Promise<string[] | undefined> {
      const { requestKey } = await database.prisma();
      const row = await requestKey.findFirst({ where: { vaultId, name: key } });
      if (row && row.fingerprint !== fingerprint) {
        throw new TaskError('idempotency-key-reused', 'the Idempotency-Key was used for another request');
      }
      return row ? JSON.parse(row.answer) : undefined;
    },

    /** @throws TaskError `note-busy` when the same request is being carried out elsewhere */
    async keep(
      { prisma }: Transaction,
      { key, fingerprint }: Idempotency,
      ids: readonly string[],
      createdAt: number,
    ): Promise<void> {
      const answer = JSON.stringify(ids);
      try {
        await prisma.requestKey.create({ data: { vaultId, name: key, fingerprint, answer, createdAt } });
      } catch (error) {
        if (!isUniqueViolation(error)) throw error;
        throw new TaskError('note-busy', 'the same request is in progress; try again', { cause: error });
      }
    },

    /** Makes a key new again, since nothing was done under it. */
    async forget({ prisma }: Transaction, { key }: Idempotency): Promise<void> {
      await prisma.requestKey.deleteMany({ where: { vaultId, name: key } });
    },

    async prune({ prisma }: Transaction, before: number): Promise<void> {
      await prisma.requestKey.deleteMany({ where: { createdAt: { lt: before } } });
    },
  };
}

export type RequestStore = ReturnType<typeof createRequestStore>;
