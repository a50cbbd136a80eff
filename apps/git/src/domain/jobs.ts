import { pause, type Runtime } from '@weave-nn/config';
import type { Report } from '@weave-nn/events';
import { GitError, type GitErrorCode, isGitError } from '../errors.ts';
import type { Job, JobStore } from '../store/jobs.ts';
import type { Mandate, Transactions } from '../store/transaction.ts';
import type { Committing } from './commit/committing.ts';
import type { Sync } from './sync/sync.ts';

const POLL_INTERVAL_MS = 25;
const PATIENCE = 50_000;
const KEEP = 24 * 3_600_000;

export interface JobsOptions {
  store: JobStore;
  database: Transactions;
  committing: Committing;
  sync: Sync;
  /** Lets the process that works on them begin at once, if it is this one. */
  wake(): void;
  runtime: Runtime;
  report: Report;
}

/** What people ask for, done by the one process that may change the repository. */
export function createJobs(options: JobsOptions) {
  const { store, database, committing, sync, wake, runtime, report } = options;
  /** Who in this process waits for which job, to be told of its end at once. */
  const waiting = new Map<string, AbortController>();

  function execute(job: Job, mandate: Mandate): Promise<unknown> {
    return job.kind === 'commit' ? committing.run(mandate, job) : sync.run(mandate, job);
  }

  return {
    /**
     * Asks for something and waits until it is done.
     *
     * @throws GitError why it could not be done; `still-working` when it takes longer than a caller waits
     */
    async ask<Answer>(job: Omit<Job, 'id'>, signal?: AbortSignal): Promise<Answer> {
      const id = runtime.uuid();
      const done = new AbortController();
      const woken = signal ? AbortSignal.any([signal, done.signal]) : done.signal;
      waiting.set(id, done);
      try {
        await database.transaction((transaction) => store.add(transaction, { ...job, id }, runtime.now()));
        wake();
        const deadline = runtime.monotonic() + PATIENCE;
        while (runtime.monotonic() < deadline && !signal?.aborted) {
          await pause(runtime, POLL_INTERVAL_MS, woken);
          const outcome = await store.outcome(id);
          if (outcome && 'answer' in outcome) return outcome.answer as Answer;
          if (outcome) throw new GitError(outcome.code as GitErrorCode, outcome.detail);
        }
      } finally {
        waiting.delete(id);
      }
      throw new GitError('still-working', 'it takes long and goes on; see /v1/git/status for what becomes of it');
    },

    /** Does what waits. What fails for a reason that a caller can mend is told to the caller alone. */
    async work(mandate: Mandate): Promise<void> {
      for (let job = await store.next(); job && !mandate.signal.aborted; job = await store.next()) {
        const { id } = job;
        const outcome = await execute(job, mandate).then(
          (answer) => ({ answer }),
          (error: unknown) => {
            if (isGitError(error)) return { code: error.code, detail: error.message };
            // Told to the caller all the same, or the jobs behind it would wait for ever; unless nothing can be written.
            report(`the ${job.kind} that was asked for failed`, error);
            return { code: 'git-failed', detail: (error as Error).message };
          },
        );
        await database.transaction(async (transaction) => {
          await mandate.fence(transaction.sql);
          await store.settle(transaction, id, outcome);
          await store.forgetBefore(transaction, runtime.now() - KEEP);
        });
        waiting.get(id)?.abort();
      }
    },
  };
}

export type Jobs = ReturnType<typeof createJobs>;
