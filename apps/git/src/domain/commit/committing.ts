import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CommitAnswer, Finding, MadeCommit } from '@weave-nn/clients';
import type { Runtime } from '@weave-nn/config';
import { isHiddenPath } from '@weave-nn/vault';
import { GitError, isGitError } from '../../errors.ts';
import type { FindingStore, StoredFinding } from '../../store/findings.ts';
import type { Job } from '../../store/jobs.ts';
import type { PendingChange, PendingStore } from '../../store/pending.ts';
import type { StateStore } from '../../store/state.ts';
import type { Mandate, Transactions } from '../../store/transaction.ts';
import type { Head, Repository } from '../repository.ts';
import { authorOf, authorship, showPerson } from './author.ts';
import type { Decisions } from './decisions.ts';
import { asOneGroup, type Group, groupByActor, withGroup } from './groups.ts';
import type { IndexLock } from './index-lock.ts';
import type { Judged, Judging } from './judging.ts';
import { type CommittedFile, eventTrailers, messageOf, subjectOf } from './message.ts';
import type { IndexChange, PrivateIndex } from './private-index.ts';

const MOST_CHANGES = 20_000;
const MOST_TRIES = 5;

export interface CommittingOptions {
  repository: Repository;
  index: PrivateIndex;
  decisions: Decisions;
  judging: Judging;
  database: Transactions;
  pending: PendingStore;
  findings: FindingStore;
  state: StateStore;
  indexLock: IndexLock;
  runtime: Runtime;
}

/** Who asks for a commit, and what it is to say. */
export type CommitWish = Pick<Job, 'message' | 'actor' | 'client' | 'requestId'>;

interface Pass {
  head: Head;
  mandate: Mandate;
  wish: CommitWish | undefined;
  known: ReadonlyMap<string, StoredFinding>;
  /** What the folder had otherwise than the branch when it began, where that was looked for. */
  differing: ReadonlySet<string> | undefined;
}

export function showFinding({ path, rule, level, reason, foundAt }: StoredFinding): Finding {
  return { path, rule, level, reason, since: new Date(foundAt).toISOString() };
}

/** Turns what was changed in the vault into commits, one for everybody who changed something. */
export function createCommitting(options: CommittingOptions) {
  const { repository, index, decisions, judging, database, pending, findings, state, indexLock, runtime } = options;
  const { git } = repository;

  /** A file can only have been renamed where one came and another went; else what was taken says all. */
  async function filesOf(taken: readonly IndexChange[], before: string): Promise<CommittedFile[]> {
    const came = taken.some((change) => change.before === null);
    if (came && taken.some((change) => change.after === null)) return index.changedFiles(before);
    return taken.map(({ path, ...ends }) => {
      const change = ends.before === null ? 'added' : ends.after === null ? 'deleted' : 'modified';
      return { path, from: null, change };
    });
  }

  const describe = async (taken: readonly IndexChange[], before: string) => subjectOf(await filesOf(taken, before));

  async function commitTaken(group: Group, pass: Pass, { taken, changes }: Judged): Promise<MadeCommit> {
    const { head, mandate, wish } = pass;
    const headFile = join(await repository.gitDirectory(), 'HEAD');
    const checkedOut = readFileSync(headFile, 'utf8');
    const [tree, text] = await Promise.all([index.writeTree(), wish?.message ?? describe(taken, head.tree)]);
    const owner = group.actor === 'watcher' || group.others.includes('watcher') ? await repository.owner() : null;
    const author = authorOf(group.actor, owner);
    const message = messageOf(text, [
      ...group.others.map((other) => `Co-authored-by: ${showPerson(authorOf(other, owner))}`),
      ...eventTrailers(changes.map(({ eventId }) => eventId)),
    ]);
    const at = runtime.now();
    const made = await git.write({
      args: ['commit-tree', tree, ...(head.sha === null ? [] : ['-p', head.sha]), '-F', '-'],
      input: message,
      environment: authorship(author, at),
    });
    const decision = {
      sha: made.text.trim(),
      parent: head.sha,
      ref: head.ref,
      kind: 'commit' as const,
      state: 'decided' as const,
      message: text,
      author: showPerson(author),
      actor: group.actor,
      client: wish?.client ?? null,
      requestId: wish?.requestId ?? null,
      paths: [...new Set(taken.map(({ path }) => path))],
      positions: changes.map(({ position }) => position),
      conflicts: [],
      decidedAt: at,
    };
    await decisions.carryOut(decision, mandate, {
      changes: taken,
      async check() {
        await repository.assertNothingUnderWay();
        if (readFileSync(headFile, 'utf8') === checkedOut) return;
        throw new GitError('head-moved', 'another branch was checked out in the same moment; it is tried again');
      },
    });
    index.committed(decision.sha);
    const { sha, paths } = decision;
    return { sha, paths, message: text, author: decision.author } satisfies MadeCommit;
  }

  async function commitGroup(group: Group, pass: Pass): Promise<MadeCommit | undefined> {
    const judged = await judging.judge(group, pass.head, pass.differing);
    const isNothing = judged.taken.length === 0;
    await judging.record(group, judged, pass.known, isNothing ? judged.changes : [], pass.mandate);
    return isNothing ? undefined : commitTaken(group, pass, judged);
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
    const changes = await pending.list(MOST_CHANGES);
    const isLooked = wish !== undefined || overlooked || isCompared;
    const differing = isLooked ? new Set(await index.differingFromFolder()) : undefined;
    const groups = groupsOf(changes, wish, differing);
    // Who holds the lock may be in the middle of changing the files.
    if (groups.length > 0) await indexLock.assertFree();
    for (const group of groups) {
      const commit = await commitGroup(group, { head, mandate, wish, known, differing });
      if (!commit) continue;
      commits.push(commit);
      head = { ...head, sha: commit.sha, tree: `${commit.sha}^{tree}` };
    }
    if (overlooked) await database.transaction((sql) => state.change(sql, { overlooked: false }));
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
        if (!isGitError(error, 'head-moved') || tries === MOST_TRIES) throw error;
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
      return !(await index.differingFromFolder()).every(isHiddenPath);
    },

    /**
     * Commits what the folder has otherwise than the branch though no event tells of it: as when a commit took a file
     * that was there for a moment only, before anybody else had seen it.
     */
    runCompared: (mandate: Mandate) => run(mandate, undefined, true),
  };
}

export type Committing = ReturnType<typeof createCommitting>;
