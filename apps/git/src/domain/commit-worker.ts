import { startWorker, type Worker, type WorkerContext, type WorkerLease } from '@weave-nn/background';
import type { Precedence, Report } from '@weave-nn/events';
import { type GitError, type GitErrorCode, isGitError } from '../errors.ts';
import type { PendingStore } from '../store/pending.ts';
import type { StateStore } from '../store/state.ts';
import type { Mandate, Transactions } from '../store/transaction.ts';
import type { Committing } from './commit/committing.ts';
import type { Decisions } from './commit/decisions.ts';
import type { Jobs } from './jobs.ts';
import type { Maintenance } from './maintenance.ts';
import { isRefusal, type RefusedCommit } from './owner/refusal.ts';
import type { Repository } from './repository.ts';
import type { Sync } from './sync/sync.ts';
import type { Rules } from './validation/rules.ts';

/** Other processes may record what is to be done; that is found at the next poll. */
const SHARED_POLL_INTERVAL_MS = 500;
const POLL_INTERVAL_MS = 2_000;
/** So long after the last commit, and after a start, the folder is compared with what was committed. */
const COMPARE_AFTER = 3_000;
/** Milliseconds in which an event of a change has come, unless there is none. */
const TOLD_WITHIN = 1_000;
const INITIAL_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 15_000;

/** Most vaults are no repository, and nothing is wrong with that; the status says so. */
const notMeantToBe: readonly GitErrorCode[] = ['repository-missing', 'repository-larger'];

/** Reasons for which there is no repository: changes are then let go, and found again by comparing once there is one. */
const noRepository: readonly GitErrorCode[] = [
  'git-missing',
  'git-too-old',
  'repository-missing',
  'repository-larger',
  'repository-bare',
];

export interface CommitWorkerOptions {
  repository: Repository;
  refusal: RefusedCommit;
  committing: Committing;
  decisions: Decisions;
  sync: Sync;
  jobs: Jobs;
  maintenance: Maintenance;
  rules: Rules;
  pending: PendingStore;
  state: StateStore;
  database: Transactions;
  workers: WorkerContext;
  /** Held by the one process that may change the repository. */
  lease: WorkerLease;
  precedence: Precedence;
  report: Report;
  settings: { autoCommit: boolean; autoInit: boolean; quiet: number; maxWait: number; isShared: boolean };
}

/** Does all that changes the repository, one thing after another, for as long as this process is the one that may. */
export function createCommitWorker(options: CommitWorkerOptions) {
  const {
    repository,
    refusal,
    committing,
    decisions,
    sync,
    jobs,
    maintenance,
    rules,
    pending,
    state,
    database,
    workers,
    report,
  } = options;
  const { settings } = options;
  const { runtime } = workers;
  let worker: Worker | undefined;
  let begunTerm: Mandate | undefined;
  /** The rules that changes were last judged by. */
  let judgedBy: string | undefined;
  let compareAt: number | undefined = runtime.monotonic() + COMPARE_AFTER;
  /** Whether the folder differed when it was last compared: an event may tell of it yet. */
  let differed = false;

  /** Milliseconds until the pending changes are due; undefined when there are none. */
  async function dueIn(): Promise<number | undefined> {
    const times = await pending.times();
    const { free, newest, oldest } = times;
    if (free === 0 || newest === null || oldest === null) return undefined;
    const due = Math.min(newest + settings.quiet, oldest + settings.maxWait) - runtime.now();
    return Math.max(0, due, refusal.delay(times));
  }

  /** Lets changes go that there is no repository for. */
  async function overlook(mandate: Mandate): Promise<void> {
    if ((await pending.times()).total === 0) return;
    await database.transaction(async (transaction) => {
      await mandate.fence(transaction.sql);
      await pending.clear(transaction);
      await state.change(transaction, { overlooked: settings.autoCommit });
    });
  }

  async function ensureRepository(): Promise<void> {
    try {
      await repository.gitDirectory();
    } catch (error) {
      if (!settings.autoInit || !isGitError(error, 'repository-missing', 'repository-larger')) throw error;
      await repository.initialise();
    }
    await repository.excludeOwnFiles();
  }

  /** Whether the rules have changed since changes were held back by them; also while no process was there. */
  async function areRulesNew(): Promise<boolean> {
    const present = rules.stamp();
    if (present === judgedBy) return false;
    const { total, free } = await pending.times();
    if (total === free) judgedBy = present;
    return total > free;
  }

  /** Compares the folder with the branch; what differs is given the time in which an event comes, and then committed. */
  async function compare(mandate: Mandate): Promise<void> {
    if (differed) await committing.runCompared(mandate);
    differed = !differed && (await committing.differs());
    compareAt = differed ? runtime.monotonic() + TOLD_WITHIN : undefined;
  }

  async function commitDue(mandate: Mandate): Promise<void> {
    if (!settings.autoCommit) return overlook(mandate);
    if (refusal.delay(await pending.times()) > 0) return;
    const due = await dueIn();
    const { overlooked } = await state.read();
    const isCalm = due === undefined && compareAt !== undefined && runtime.monotonic() >= compareAt;
    if (due !== 0 && !overlooked && !isCalm && !(await areRulesNew())) return;
    const present = rules.stamp();
    if (isCalm) {
      await compare(mandate);
    } else {
      differed = false;
      compareAt = runtime.monotonic() + COMPARE_AFTER;
      await committing.run(mandate);
    }
    judgedBy = present;
  }

  /** One round of everything that is due. */
  async function round(mandate: Mandate): Promise<void> {
    try {
      await ensureRepository();
    } catch (error) {
      if (isGitError(error, ...noRepository)) await overlook(mandate);
      await jobs.work(mandate);
      throw error;
    }
    await jobs.work(mandate);
    await decisions.finish(mandate);
    await commitDue(mandate).catch((error) => {
      if (!isRefusal(error)) throw error;
      if (error.message !== refused) report('a commit is refused, and tried again later', error);
      refused = error.message;
    });
    await sync.runIfDue(mandate);
    await maintenance.maintainIfDue(mandate);
  }

  /** @returns milliseconds until the next round */
  async function run(mandate: Mandate): Promise<number> {
    // Every start of git stops this process for milliseconds, which a vault that is read for the first time needs.
    if (begunTerm !== mandate) await options.precedence.follow(mandate.signal);
    begunTerm = mandate;
    await round(mandate);
    const interval = settings.isShared ? SHARED_POLL_INTERVAL_MS : POLL_INTERVAL_MS;
    return Math.min(interval, (await dueIn()) ?? interval);
  }

  let refused = '';
  return {
    /** What the last round failed for. */
    lastFailure(): GitError | undefined {
      const error = worker?.lastError();
      return isGitError(error) ? error : refusal.error();
    },

    /** Whether what stands in the way was still there in the last round; it is repeated by itself. */
    isFailing: () => worker?.lastError() !== undefined,

    /** Begins the next round now. */
    wake: () => worker?.wake(),

    start() {
      worker ??= startWorker({
        ...workers,
        name: 'commits',
        intervalMs: POLL_INTERVAL_MS,
        initialBackoffMs: INITIAL_BACKOFF_MS,
        maxBackoffMs: MAX_BACKOFF_MS,
        lease: options.lease,
        run,
        isReported: (error) => !isGitError(error, ...notMeantToBe),
      });
    },

    async stop(): Promise<void> {
      await worker?.stop();
    },
  };
}
