import type { GitDatabase } from './client.ts';
import type { Transaction } from './transaction.ts';

/** What somebody asked for, and that the process which commits does. */
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

const columns = { id: true, kind: true, message: true, actor: true, client: true, requestId: true } as const;

/** What was asked for, by whichever process, and what became of it. */
export function createJobStore(database: GitDatabase, vaultId: string) {
  const jobs = async () => (await database.prisma()).job;
  return {
    async add({ prisma }: Transaction, job: Job, createdAt: number): Promise<void> {
      await prisma.job.create({ data: { ...job, vaultId, state: 'waiting', createdAt } });
    },

    /** The first that waits. */
    async next(): Promise<Job | undefined> {
      const row = await (await jobs()).findFirst({
        where: { vaultId, state: 'waiting' },
        orderBy: [{ createdAt: 'asc' }, { id: 'asc' }],
        select: columns,
      });
      return row ? { ...row, kind: row.kind as Job['kind'] } : undefined;
    },

    async settle({ prisma }: Transaction, id: string, outcome: JobOutcome): Promise<void> {
      await prisma.job.updateMany({ where: { id }, data: { state: 'done', answer: JSON.stringify(outcome) } });
    },

    /** Undefined while it waits, or is under way. */
    async outcome(id: string): Promise<JobOutcome | undefined> {
      const row = await (await jobs()).findFirst({ where: { id }, select: { answer: true } });
      return row?.answer ? JSON.parse(row.answer) : undefined;
    },

    async forgetBefore({ prisma }: Transaction, at: number): Promise<void> {
      await prisma.job.deleteMany({ where: { vaultId, state: 'done', createdAt: { lt: at } } });
    },
  };
}

export type JobStore = ReturnType<typeof createJobStore>;
