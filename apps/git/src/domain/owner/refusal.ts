import { backoff, type Runtime } from '@weave-nn/config';
import { type GitError, isGitError } from '../../errors.ts';
import type { PendingTimes } from '../../store/pending.ts';

const INITIAL_BACKOFF_MS = 1_000;
const MAX_BACKOFF_MS = 300_000;

interface Refusal {
  error: GitError;
  attempts: number;
  retryAt: number;
  /** What was pending. */
  key: string;
}

const keyOf = ({ total, newest }: PendingTimes) => `${total}:${newest}`;

/** Whether the owner's own programs refuse a commit: a hook, or what signs. */
export const isRefusal = (error: unknown): error is GitError => isGitError(error, 'hook-failed', 'signing-failed');

/** Remembers that a commit was refused, until one is not: it is retried ever more seldom, or once more is changed. */
export function createRefusal(runtime: Runtime) {
  let refusal: Refusal | undefined;
  return {
    error: () => refusal?.error,

    /** @returns whether it is another refusal than the one before */
    note(error: GitError, pending: PendingTimes): boolean {
      const before = refusal;
      const attempts = (before?.attempts ?? 0) + 1;
      const retryAt = runtime.monotonic() + backoff(runtime, attempts, INITIAL_BACKOFF_MS, MAX_BACKOFF_MS);
      refusal = { error, attempts, retryAt, key: keyOf(pending) };
      return before?.error.message !== error.message || before.key !== refusal.key;
    },

    clear() {
      refusal = undefined;
    },

    /** Milliseconds until it is retried; 0 when nothing was refused, or other changes are pending by now. */
    delay(pending: PendingTimes): number {
      if (!refusal || refusal.key !== keyOf(pending)) return 0;
      return Math.max(0, refusal.retryAt - runtime.monotonic());
    },
  };
}

export type RefusedCommit = ReturnType<typeof createRefusal>;
