import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { MadeCommit } from '@weave-nn/clients';
import type { Runtime } from '@weave-nn/config';
import { GitError } from '../../errors.ts';
import type { Job } from '../../store/jobs.ts';
import type { PendingChange, PendingStore } from '../../store/pending.ts';
import type { Mandate, Transactions } from '../../store/transaction.ts';
import type { HookName, Hooks } from '../owner/hooks.ts';
import type { Signing } from '../owner/signing.ts';
import type { Head, Repository } from '../repository.ts';
import { authorOf, authorship, showPerson } from './author.ts';
import type { Decisions } from './decisions.ts';
import type { Group } from './groups.ts';
import type { Judged } from './judging.ts';
import { type CommittedFile, eventTrailers, messageOf, subjectOf } from './message.ts';
import type { IndexChange, PrivateIndex } from './private-index.ts';

/** Who asks for a commit, and what it is to say. */
export type CommitWish = Pick<Job, 'message' | 'actor' | 'client' | 'requestId'>;

export interface Making {
  /** Where the branch is. */
  head: Head;
  mandate: Mandate;
  wish: CommitWish | undefined;
}

/** Makes a commit of what was taken, as git commit does: with the owner's hooks and signature. */
export function createMaking(options: {
  repository: Repository;
  index: PrivateIndex;
  decisions: Decisions;
  database: Transactions;
  pending: PendingStore;
  hooks: Hooks;
  signing: Signing;
  runtime: Runtime;
}) {
  const { repository, index, decisions, database, pending, hooks, signing, runtime } = options;

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

  /** What is taken once the hook has seen it; what is held back stays so, though a hook stages everything. */
  async function takenAfterHook(
    { taken, blocked }: Judged,
    head: Head,
    present: readonly HookName[],
    identity: Readonly<Record<string, string>>,
  ): Promise<readonly IndexChange[]> {
    if (!present.includes('pre-commit')) return taken;
    await index.refresh();
    await hooks.preCommit({ ...identity, ...index.environment });
    index.spoil();
    const changes = await index.changes(head.tree);
    const held = changes.filter(({ path }) => blocked.has(path));
    await index.set(held.map((change) => ({ path: change.path, entry: change.before })));
    return changes.filter(({ path }) => !blocked.has(path));
  }

  async function messageAfterHooks(
    composed: string,
    present: readonly HookName[],
    identity: Readonly<Record<string, string>>,
  ): Promise<string> {
    if (!present.includes('prepare-commit-msg') && !present.includes('commit-msg')) return composed;
    return hooks.message(present, composed, { ...identity, ...index.environment });
  }

  async function letGo(changes: readonly PendingChange[], mandate: Mandate): Promise<void> {
    await database.transaction(async (transaction) => {
      await mandate.fence(transaction.sql);
      await pending.remove(
        transaction,
        changes.map(({ position }) => position),
      );
    });
  }

  /**
   * Commits what was taken of a group.
   *
   * @returns undefined when the hook that looks at it leaves nothing to commit
   * @throws GitError `hook-failed` or `signing-failed` when the owner's programs refuse it, and as `execute` does
   */
  async function make(group: Group, judged: Judged, course: Making): Promise<MadeCommit | undefined> {
    const { head, mandate, wish } = course;
    const { changes } = judged;
    const present = await hooks.toRun();
    const headFile = join(await repository.gitDirectory(), 'HEAD');
    const checkedOut = readFileSync(headFile, 'utf8');
    const owner = group.actor === 'watcher' || group.others.includes('watcher') ? await repository.owner() : null;
    const author = authorOf(group.actor, owner);
    const at = runtime.now();
    const identity = authorship(author, at);
    const taken = await takenAfterHook(judged, head, present, identity);
    if (taken.length === 0) {
      await letGo(changes, mandate);
      return undefined;
    }
    const [tree, described] = await Promise.all([index.writeTree(), wish?.message ?? describe(taken, head.tree)]);
    const composed = messageOf(described, [
      ...group.others.map((other) => `Co-authored-by: ${showPerson(authorOf(other, owner))}`),
      ...eventTrailers(changes.map(({ eventId }) => eventId)),
    ]);
    const message = await messageAfterHooks(composed, present, identity);
    const text = message === composed ? described : (message.split('\n', 1)[0] ?? '');
    const sha = await signing.commitTree({
      args: [tree, ...(head.sha === null ? [] : ['-p', head.sha]), '-F', '-'],
      input: message,
      environment: identity,
    });
    const decision = {
      sha,
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
    await decisions.execute(decision, mandate, {
      changes: taken,
      async check() {
        await repository.assertNothingUnderWay();
        if (readFileSync(headFile, 'utf8') === checkedOut) return;
        throw new GitError('head-moved', 'another branch was checked out in the same moment; it is retried');
      },
    });
    index.committed(sha);
    if (present.includes('post-commit')) await hooks.postCommit();
    return { sha, paths: decision.paths, message: text, author: decision.author } satisfies MadeCommit;
  }

  return { make };
}

export type CommitMaking = ReturnType<typeof createMaking>;
