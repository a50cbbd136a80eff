import type { CommitAnswer, Finding, MadeCommit } from '@weave-nn/clients';
import type { Outbox } from '@weave-nn/events';
import { isHiddenPath } from '@weave-nn/vault';
import { type GitError, isGitError } from '../../errors.ts';
import { type FindingStore, type StoredFinding, SYNC_RULE } from '../../store/findings.ts';
import type { PendingChange, PendingStore } from '../../store/pending.ts';
import type { StateStore } from '../../store/state.ts';
import type { Mandate, Transactions } from '../../store/transaction.ts';
import { isRefusal, type RefusedCommit } from '../owner/refusal.ts';
import type { UserIndex } from '../owner/user-index.ts';
import type { Repository } from '../repository.ts';
import type { Decisions } from './decisions.ts';
import { asOneGroup, type Group, groupByActor, withGroup } from './groups.ts';
import type { Judged, Judging } from './judging.ts';
import type { CommitMaking, CommitWish, Making } from './making.ts';
import type { PrivateIndex } from './private-index.ts';

const MAX_CHANGES = 20_000;
const MAX_ATTEMPTS = 5;
const MAX_PATHS_TOLD = 100;

export interface CommittingOptions {
  repository: Repository;
  index: PrivateIndex;
  decisions: Decisions;
  judging: Judging;
  database: Transactions;
  pending: PendingStore;
  findings: FindingStore;
  state: StateStore;
  userIndex: UserIndex;
  making: CommitMaking;
  refusal: RefusedCommit;
  outbox: Outbox;
  wakeRelay(): void;
}

interface Pass extends Making {
  known: ReadonlyMap<string, StoredFinding>;
  /** What the folder had otherwise than the branch when it began, where that was looked for. */
  differing: ReadonlySet<string> | undefined;
}

export function showFinding({ path, rule, level, reason, foundAt }: StoredFinding): Finding {
  return { path, rule, level, reason, since: new Date(foundAt).toISOString() };
}

/** Turns what was changed in the vault into commits, one for everybody who changed something. */
export function createCommitting(options: CommittingOptions) {
  const { repository, index, decisions, judging, database, pending, findings, state, userIndex, refusal } = options;

  /** Tells that the owner's own programs refuse a commit, unless that was told already. */
  async function tellRefusal(error: GitError, { actor }: Group, { taken }: Judged, mandate: Mandate): Promise<void> {
    if (!refusal.note(error, await pending.times())) return;
    const paths = taken.slice(0, MAX_PATHS_TOLD).map(({ path }) => path);
    const rule = error.code === 'hook-failed' ? 'hook' : 'signature';
    const data = { actor, client: null, requestId: null, paths, rule, reason: error.message };
    await database.transaction(async (transaction) => {
      await mandate.fence(transaction.sql);
      await options.outbox.appendAll(transaction.sql, [{ type: 'git.blocked', subject: paths[0] ?? '', data }]);
    });
    options.wakeRelay();
  }

  async function commitGroup(group: Group, pass: Pass): Promise<MadeCommit | undefined> {
    const judged = await judging.judge(group, pass.head, pass.differing);
    const isNothing = judged.taken.length === 0;
    await judging.record(group, judged, pass.known, isNothing ? judged.changes : [], pass.mandate);
    if (isNothing) return undefined;
    try {
      return await options.making.make(group, judged, pass);
    } catch (error) {
      if (isRefusal(error)) await tellRefusal(error, group, judged, pass.mandate);
      throw error;
    }
  }

  /** What differs in the folder and no change tells of. */
  function unseen(differing: Iterable<string>, changes: readonly PendingChange[], actor: string): Group | undefined {
    const seen = new Set(changes.flatMap(({ path, from }) => [path, from ?? path]));
    const paths = [...differing].filter((path) => !isHiddenPath(path) && !seen.has(path));
    return paths.length === 0 ? undefined : { actor, others: [], paths, changes: [] };
  }

  function groupsOf(
    changes: readonly PendingChange[],
    wish: CommitWish | undefined,
    differing: ReadonlySet<string> | undefined,
  ): Group[] {
    const extra = differing && unseen(differing, changes, wish?.actor ?? 'watcher');
    const groups = wish?.message ? [asOneGroup(wish.actor, changes)] : groupByActor(changes);
    return extra ? withGroup(groups, extra) : groups;
  }

  /** Whether a path stays as the branch has it: git is told not to look at it, or it cannot be in the vault. */
  async function leftAsIs(): Promise<(path: string) => boolean> {
    const unwatched = await userIndex.unwatched();
    const held = new Set((await findings.list()).filter(({ rule }) => rule === SYNC_RULE).map(({ path }) => path));
    return (path) => unwatched.has(path) || held.has(path);
  }

  async function differingInFolder(isLeft: (path: string) => boolean): Promise<string[]> {
    return (await index.differingFromFolder()).filter((path) => !isLeft(path));
  }

  async function once(
    mandate: Mandate,
    wish: CommitWish | undefined,
    isCompared: boolean,
    commits: MadeCommit[],
  ): Promise<CommitAnswer> {
    await decisions.finish(mandate);
    await repository.assertNothingUnderWay();
    const { overlooked } = await state.read();
    const known = new Map((await findings.list()).map((finding) => [finding.path, finding]));
    let head = await repository.head();
    await index.load(head);
    const changes = await pending.list(MAX_CHANGES);
    const isLooked = wish !== undefined || overlooked || isCompared;
    const isLeft = await leftAsIs();
    const differing = isLooked ? new Set(await differingInFolder(isLeft)) : undefined;
    const groups = groupsOf(changes, wish, differing).map((group) => ({
      ...group,
      paths: group.paths.filter((path) => !isLeft(path)),
    }));
    let refused: GitError | undefined;
    // Who holds the lock may be in the middle of changing the files.
    if (groups.length > 0) await userIndex.lock.assertFree();
    for (const group of groups) {
      const commit = await commitGroup(group, { head, mandate, wish, known, differing }).catch((error) => {
        if (!isRefusal(error)) throw error;
        refused ??= error;
      });
      if (!commit) {
        // A group that was refused leaves what it took in the index.
        if (refused) await index.reload(head);
        continue;
      }
      commits.push(commit);
      head = { ...head, sha: commit.sha, tree: `${commit.sha}^{tree}` };
    }
    if (refused) throw refused;
    refusal.clear();
    if (overlooked) await database.transaction((transaction) => state.change(transaction, { overlooked: false }));
    const blocked = (await findings.list()).filter(({ level }) => level === 'block').map(showFinding);
    return { commits, blocked };
  }

  async function run(mandate: Mandate, wish: CommitWish | undefined, isCompared: boolean): Promise<CommitAnswer> {
    const commits: MadeCommit[] = [];
    for (let tries = 1; ; tries++) {
      try {
        return await once(mandate, wish, isCompared, commits);
      } catch (error) {
        index.spoil();
        if (!isGitError(error, 'head-moved') || tries === MAX_ATTEMPTS) throw error;
      }
    }
  }

  return {
    /**
     * Commits what is pending, and nothing when that is what the branch has already.
     *
     * @param wish of somebody who asks; then what no event has told of is committed as well
     * @throws GitError for what stands in the way; the changes then stay pending
     */
    run: (mandate: Mandate, wish?: CommitWish) => run(mandate, wish, false),

    /** Whether the folder has something otherwise than the branch. */
    async differs(): Promise<boolean> {
      await repository.assertNothingUnderWay();
      await index.load(await repository.head());
      return !(await differingInFolder(await leftAsIs())).every(isHiddenPath);
    },

    /**
     * Commits what the folder has otherwise than the branch though no event tells of it: as when a commit took a file
     * that was there for a moment only, before anybody else had seen it.
     */
    runCompared: (mandate: Mandate) => run(mandate, undefined, true),
  };
}

export type Committing = ReturnType<typeof createCommitting>;
