import type { SyncAnswer } from '@weave-nn/clients';
import { backoff, type Runtime } from '@weave-nn/config';
import type { Report } from '@weave-nn/events';
import { GitError, type GitErrorCode, isGitError } from '../../errors.ts';
import type { Conflict, Decision } from '../../store/decisions.ts';
import type { StateStore } from '../../store/state.ts';
import type { Mandate, Transactions } from '../../store/transaction.ts';
import { authorship, committer, showPerson } from '../commit/author.ts';
import { changedFiles } from '../commit/changed-files.ts';
import type { Committing } from '../commit/committing.ts';
import type { Decisions } from '../commit/decisions.ts';
import type { CommitWish } from '../commit/making.ts';
import { subjectOf } from '../commit/message.ts';
import type { PrivateIndex } from '../commit/private-index.ts';
import { isRefusal } from '../owner/refusal.ts';
import type { Signing } from '../owner/signing.ts';
import type { Head, Repository } from '../repository.ts';
import type { Journey } from './bring-file.ts';
import type { BringIn } from './bring-in.ts';
import type { HeldFiles } from './held.ts';
import { mergeKeepingBoth } from './merge.ts';
import { rebaseOnto } from './rebase.ts';
import type { Remote } from './remote.ts';

const MAX_ROUNDS = 5;
const INITIAL_BACKOFF_MS = 15_000;
const MAX_BACKOFF_MS = 600_000;
/** Reasons that pass by themselves: what is to be synchronised is queued. */
const passing: readonly GitErrorCode[] = ['remote-unreachable', 'git-timeout', 'remote-moved', 'file-unavailable'];
const another: readonly GitErrorCode[] = ['remote-moved', 'head-moved'];
const itself: CommitWish = { message: null, actor: 'watcher', client: null, requestId: null };

export interface SyncOptions {
  repository: Repository;
  index: PrivateIndex;
  /** Undefined when nothing is synchronised. */
  remote: Remote | undefined;
  mode: 'merge' | 'rebase';
  /** Milliseconds between synchronisations; 0 for only when asked. */
  interval: number;
  committing: Committing;
  decisions: Decisions;
  bringIn: BringIn;
  held: HeldFiles;
  signing: Signing;
  state: StateStore;
  database: Transactions;
  runtime: Runtime;
  report: Report;
  /** Does work in the name of git, so that the files it changes are known to be. */
  asGit<Result>(work: () => Promise<Result>): Promise<Result>;
}

/** What the vault is to become. */
interface Target {
  sha: string;
  message: string;
  conflicts: Conflict[];
}

/** Keeps the vault and a remote the same: fetches, brings together, brings into the vault, pushes. */
export function createSync(options: SyncOptions) {
  const { repository, index, remote, mode, committing, decisions, bringIn, held, state, database, runtime } = options;
  const { git } = repository;

  async function isAncestor(one: string, other: string): Promise<boolean> {
    return (await git.read({ args: ['merge-base', '--is-ancestor', one, other], answers: [1] })).code === 0;
  }

  async function merge(ours: string, theirs: string, from: string): Promise<Target> {
    const at = runtime.now();
    const { tree, conflicts } = await mergeKeepingBoth(git, index, { ours, theirs, at });
    index.spoil();
    const files = await changedFiles(git, ours, tree);
    const message = files.length === 0 ? `Merge ${from}` : `Merge ${from}: ${subjectOf(files)}`;
    const sha = await options.signing.commitTree({
      args: [tree, '-p', ours, '-p', theirs, '-F', '-'],
      input: `${message}\n`,
      environment: authorship(committer, at),
    });
    return { sha, message, conflicts };
  }

  /** What both sides together are; undefined when the vault has all that the remote has. */
  async function targetOf(ours: string | null, theirs: string, from: string): Promise<Target | undefined> {
    if (ours === null) return { sha: theirs, message: `Take over ${from}`, conflicts: [] };
    if (await isAncestor(theirs, ours)) return undefined;
    if (await isAncestor(ours, theirs)) {
      const files = await changedFiles(git, ours, theirs);
      return { sha: theirs, message: `Pull ${from}: ${subjectOf(files)}`, conflicts: [] };
    }
    if (await repository.isShallow()) await assertCommonPast(ours, theirs);
    const rebased =
      mode === 'rebase' ? await rebaseOnto({ git, signing: options.signing }, ours, theirs, runtime.now()) : null;
    if (rebased !== null) return { sha: rebased, message: `Rebase onto ${from}`, conflicts: [] };
    return merge(ours, theirs, from);
  }

  async function assertCommonPast(ours: string, theirs: string): Promise<void> {
    const { code } = await git.read({ args: ['merge-base', ours, theirs], answers: [1] });
    if (code === 0) return;
    throw new GitError(
      'history-incomplete',
      'the repository is a shallow clone that lacks the common past of both sides; run: git fetch --unshallow',
    );
  }

  /**
   * A branch with a path that git does not take here could not be committed to any more.
   *
   * @throws GitError `remote-path-invalid`
   */
  async function assertPathsValid({ sha }: Target): Promise<void> {
    try {
      await index.loadTree(sha);
    } catch (error) {
      if (!isGitError(error, 'git-failed')) throw error;
      throw new GitError(
        'remote-path-invalid',
        `the remote has a file that git does not take here (${error.message}); rename it there`,
        { cause: error },
      );
    }
  }

  async function bring(head: Head, target: Target, mandate: Mandate, wish: CommitWish): Promise<Decision> {
    await assertPathsValid(target);
    const changes = await bringIn.differing(head.sha ?? head.tree, target.sha);
    const paths = changes.map(({ path }) => path);
    const decision: Decision = {
      sha: target.sha,
      parent: head.sha,
      ref: head.ref,
      kind: 'sync',
      state: 'decided',
      message: target.message,
      author: showPerson(committer),
      actor: wish.actor,
      client: wish.client,
      requestId: wish.requestId,
      paths,
      positions: [],
      conflicts: [...target.conflicts],
      decidedAt: runtime.now(),
    };
    await execute(decision, mandate);
    return decision;
  }

  async function journeyOf(decision: Decision, mandate: Mandate): Promise<Journey> {
    const { emptyTree } = await repository.objectNames();
    return {
      before: decision.parent ?? emptyTree,
      after: decision.sha,
      at: decision.decidedAt,
      conflicts: decision.conflicts,
      note: (conflict) => decisions.noteConflict(decision, conflict, mandate),
      hold: (path, reason) => held.hold(path, reason, mandate),
    };
  }

  /** Tries again to bring files into the vault that could not be there before. */
  async function retryHeld(paths: readonly string[], head: string, mandate: Mandate): Promise<Conflict[]> {
    const conflicts: Conflict[] = [];
    if (paths.length === 0) return conflicts;
    const { emptyTree } = await repository.objectNames();
    const present = new Map((await bringIn.differing(emptyTree, head)).map((change) => [change.path, change]));
    for (const path of paths) {
      let isHeld = false;
      const change = present.get(path);
      const journey: Journey = {
        before: emptyTree,
        after: head,
        at: runtime.now(),
        conflicts,
        async note(conflict) {
          conflicts.push(conflict);
          await held.tellConflict(conflict.path, conflict.conflictPath, mandate);
        },
        async hold(_, reason) {
          isHeld = true;
          await held.hold(path, reason, mandate);
        },
      };
      if (change) await options.asGit(() => bringIn.bring([change], journey));
      if (!isHeld) await held.release(path, mandate);
    }
    index.spoil();
    return conflicts;
  }

  async function execute(decision: Decision, mandate: Mandate, isDecided = false): Promise<void> {
    const journey = await journeyOf(decision, mandate);
    const act = isDecided ? decisions.goOn : decisions.execute;
    await act(decision, mandate, {
      async prepare() {
        await repository.assertNothingUnderWay();
        await options.asGit(() => bringIn.run(journey));
      },
      check: repository.assertNothingUnderWay,
    });
    index.spoil();
  }

  async function round(remoteSide: Remote, mandate: Mandate, wish: CommitWish): Promise<SyncAnswer> {
    await committing.run(mandate, { ...wish, message: null }).catch((error) => {
      // What the owner's hooks refuse is brought together with the remote as what is not committed yet.
      if (!isRefusal(error)) throw error;
    });
    const heldBefore = await held.paths();
    const head = await repository.head();
    const theirs = await remoteSide.fetch(head, mandate.signal);
    const from = `${remoteSide.name}/${head.branch}`;
    const target = theirs === null ? undefined : await targetOf(head.sha, theirs, from);
    const decision = target ? await bring(head, target, mandate, wish) : undefined;
    const pulled = decision?.paths ?? [];
    const newest = target?.sha ?? head.sha;
    const late = newest === null ? [] : await retryHeld(heldBefore, newest, mandate);
    const pushes = newest !== null && newest !== theirs;
    if (pushes) await remoteSide.push(head, newest, mandate.signal);
    return {
      state: pulled.length > 0 || pushes ? 'synchronised' : 'up-to-date',
      reason: null,
      pulled,
      pushed: pushes,
      conflicts: [...(decision?.conflicts ?? []), ...late],
      head: newest,
    };
  }

  async function rounds(remoteSide: Remote, mandate: Mandate, wish: CommitWish): Promise<SyncAnswer> {
    for (let count = 1; ; count++) {
      try {
        return await round(remoteSide, mandate, wish);
      } catch (error) {
        index.spoil();
        if (!isGitError(error, ...another) || count === MAX_ROUNDS) throw error;
      }
    }
  }

  async function succeeded(): Promise<void> {
    const now = runtime.now();
    await database.transaction((transaction) =>
      state.change(transaction, { syncedAt: now, syncTries: 0, syncDueAt: now + options.interval, syncProblem: null }),
    );
  }

  async function failed({ code, message }: GitError): Promise<void> {
    const tries = (await state.read()).syncTries + 1;
    const syncDueAt = Math.round(runtime.now() + backoff(runtime, tries, INITIAL_BACKOFF_MS, MAX_BACKOFF_MS));
    const syncProblem = { code, detail: message };
    await database.transaction((transaction) =>
      state.change(transaction, { syncTries: tries, syncDueAt, syncProblem }),
    );
  }

  async function run(mandate: Mandate, wish: CommitWish): Promise<SyncAnswer> {
    if (!remote) {
      throw new GitError('remote-unset', 'no remote is set; start with GIT_SYNC_REMOTE=<its name in the repository>');
    }
    try {
      const answer = await rounds(remote, mandate, wish);
      await succeeded();
      return answer;
    } catch (error) {
      if (!isGitError(error)) throw error;
      await failed(error);
      if (!passing.includes(error.code)) throw error;
      return { state: 'queued', reason: error.message, pulled: [], pushed: false, conflicts: [], head: null };
    }
  }

  return {
    run,

    /** Synchronises by itself: every so often, and again what is queued. */
    async runIfDue(mandate: Mandate): Promise<void> {
      if (!remote) return;
      bringIn.removeEmptiedFolders();
      const { syncDueAt, syncTries } = await state.read();
      if ((options.interval === 0 && syncTries === 0) || runtime.now() < syncDueAt) return;
      const problem = await run(mandate, itself).then(
        ({ state: outcome, reason }) => (outcome === 'queued' ? reason : null),
        (error: Error) => error.message,
      );
      if (problem !== null && syncTries === 0) options.report('the synchronisation is tried again later', problem);
    },

    /** Carries out what a process that ended has left half done; if the vault has moved on, it is left to the next. */
    async resume(decision: Decision, mandate: Mandate): Promise<void> {
      try {
        await execute(decision, mandate, true);
      } catch (error) {
        if (!isGitError(error, ...another)) throw error;
      }
    },
  };
}

export type Sync = ReturnType<typeof createSync>;
