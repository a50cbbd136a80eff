import type { GitStatus } from '@weave-nn/clients';
import type { GitSettings } from '../config.ts';
import { type GitError, type GitErrorCode, isGitError } from '../errors.ts';
import type { FindingStore } from '../store/findings.ts';
import type { PendingStore } from '../store/pending.ts';
import type { StateStore } from '../store/state.ts';
import { showFinding } from './commit/committing.ts';
import type { Hooks } from './owner/hooks.ts';
import type { IndexLock } from './owner/index-lock.ts';
import type { Signing } from './owner/signing.ts';
import type { Head, Repository } from './repository.ts';
import type { Rules } from './validation/rules.ts';

const SHOWN = 100;
/** What the vault's owner has chosen, or has not yet. */
const off: readonly GitErrorCode[] = ['repository-missing', 'repository-larger', 'repository-bare'];
const waiting: readonly GitErrorCode[] = [
  'repository-busy',
  'repository-locked',
  'head-detached',
  'rules-invalid',
  'hook-failed',
  'signing-failed',
];

export interface StatusOptions {
  repository: Repository;
  rules: Rules;
  indexLock: IndexLock;
  hooks: Hooks;
  signing: Signing;
  pending: PendingStore;
  findings: FindingStore;
  state: StateStore;
  settings: GitSettings;
  /** How many events are not taken yet. */
  waiting(): Promise<number>;
  /** What the last try to commit failed for, if it was in this process. */
  lastFailure(): GitError | undefined;
}

const toTime = (at: number | null) => (at === null ? null : new Date(at).toISOString());

function stateOf(problem: GitError | undefined): GitStatus['state'] {
  if (!problem) return 'ready';
  if (off.includes(problem.code)) return 'off';
  return waiting.includes(problem.code) ? 'waiting' : 'unavailable';
}

/** What readiness is told of the last try: a vault without a repository is as its owner wants it. */
export function degradedBy(failure: GitError | undefined): { degraded: string } | undefined {
  return failure && !off.includes(failure.code) ? { degraded: failure.message } : undefined;
}

/** Looks at the repository and at what is remembered of it. */
export function createStatus(options: StatusOptions) {
  const { repository, rules, indexLock, pending, findings, state, settings } = options;

  async function look(): Promise<{ head: Head | undefined; problem: GitError | undefined }> {
    let head: Head | undefined;
    try {
      head = await repository.head();
      await repository.assertNothingUnderWay();
      if ((await pending.times()).total > 0) await indexLock.assertNotHeld();
      rules.read();
      return { head, problem: options.lastFailure() };
    } catch (error) {
      if (!isGitError(error)) throw error;
      return { head, problem: error };
    }
  }

  async function remote(): Promise<GitStatus['remote']> {
    const { GIT_SYNC_REMOTE: name, GIT_SYNC_MODE: mode } = settings;
    if (name === undefined) return null;
    const { syncedAt, syncProblem } = await state.read();
    const now = syncProblem ? 'queued' : syncedAt === null ? 'never' : 'synchronised';
    return { name, mode, state: now, at: toTime(syncedAt), problem: syncProblem };
  }

  /** What the repository asks for when something is committed, and whether that is done. */
  async function wishes(): Promise<Pick<GitStatus, 'hooks' | 'signing'>> {
    const [found, isWanted] = await Promise.all([
      options.hooks.found().catch(() => []),
      options.signing.isWanted().catch(() => false),
    ]);
    const mode = settings.GIT_COMMIT_SIGN;
    return {
      hooks: { found, run: settings.GIT_COMMIT_HOOKS },
      signing: { wanted: isWanted, signed: mode === 'repository' ? isWanted : mode === 'true' },
    };
  }

  return async (): Promise<GitStatus> => {
    const [{ head, problem }, changes, times, found, { lastSha, lastAt }] = await Promise.all([
      look(),
      pending.list(SHOWN),
      pending.times(),
      findings.list(),
      state.read(),
    ]);
    return {
      state: stateOf(problem),
      problem: problem ? { code: problem.code, detail: problem.message } : null,
      autoCommit: settings.GIT_AUTO_COMMIT,
      git: await repository.version().catch(() => null),
      branch: head?.branch ?? null,
      head: head?.sha ?? null,
      pending: {
        waiting: await options.waiting().catch(() => null),
        changes: times.total,
        paths: [...new Set(changes.map(({ path }) => path))],
        since: toTime(changes[0]?.receivedAt ?? null),
      },
      findings: found.map(showFinding),
      lastCommit: lastSha === null || lastAt === null ? null : { sha: lastSha, at: new Date(lastAt).toISOString() },
      remote: await remote(),
      ...(await wishes()),
    };
  };
}

export type Status = ReturnType<typeof createStatus>;
