import type { EventDraft, Outbox } from '@weave-nn/events';
import { isGitError } from '../../errors.ts';
import type { Conflict, Decision, DecisionStore } from '../../store/decisions.ts';
import type { PendingStore } from '../../store/pending.ts';
import type { StateStore } from '../../store/state.ts';
import type { Mandate, Transactions } from '../../store/transaction.ts';
import type { UserIndex } from '../owner/user-index.ts';
import type { Repository } from '../repository.ts';
import type { IndexChange } from './private-index.ts';

export interface DecisionsOptions {
  repository: Repository;
  database: Transactions;
  decisions: DecisionStore;
  pending: PendingStore;
  state: StateStore;
  outbox: Outbox;
  wakeRelay(): void;
  userIndex: UserIndex;
  /** Carries out a synchronisation whose files may be half in the vault. */
  resume(decision: Decision, mandate: Mandate): Promise<void>;
}

/** How a commit comes onto its branch. */
interface Course {
  /** What must be done first, which may take long. */
  prepare?(): Promise<void>;
  /** Throws where the branch must not be moved; asked while the index is locked. */
  check(): Promise<void>;
  /** What the commit changes, where that is known. */
  changes?: readonly IndexChange[];
}

/**
 * Brings commits onto the branch such that each is told of exactly once: it is written down before the branch moves,
 * and its event is written in the transaction that lets go of the changes it holds.
 */
export function createDecisions(options: DecisionsOptions) {
  const { repository, database, decisions, pending, state, outbox, wakeRelay, userIndex } = options;
  const { git } = repository;

  function eventsOf(decision: Decision): EventDraft[] {
    const { sha, message, paths, author, actor, client, requestId } = decision;
    const provenance = { actor, client, requestId };
    return [
      { type: 'git.committed', subject: sha, data: { ...provenance, sha, message, paths, author } },
      ...decision.conflicts.map(
        ({ path, conflictPath }): EventDraft => ({
          type: 'git.conflict',
          subject: path,
          data: { ...provenance, path, conflictPath },
        }),
      ),
    ];
  }

  async function isOnBranch({ sha, ref }: Decision): Promise<boolean> {
    const { code } = await git.read({ args: ['merge-base', '--is-ancestor', sha, ref], answers: [1, 128] });
    return code === 0;
  }

  /** Writes the event, and lets the changes go that the commit holds. */
  async function tell(decision: Decision, mandate: Mandate): Promise<void> {
    await database.transaction(async (transaction) => {
      await mandate.fence(transaction.sql);
      await outbox.appendAll(transaction.sql, eventsOf(decision));
      await pending.remove(transaction, decision.positions);
      await state.change(transaction, { lastSha: decision.sha, lastAt: decision.decidedAt });
      await decisions.markTold(transaction, decision.sha);
    });
    wakeRelay();
  }

  /** The user's index follows; until it has, nothing more is committed, or the user's next commit would undo this one. */
  async function follow({ sha, parent }: Decision): Promise<void> {
    await userIndex.follow({ sha, parent });
    await database.transaction((transaction) => decisions.forget(transaction, sha));
  }

  /** Moves the branch while the user's index is locked, so that nobody commits an index that is behind. */
  async function move(decision: Decision, mandate: Mandate, course: Course): Promise<void> {
    const { sha, parent, ref, message } = decision;
    const line = `weave: ${message.split('\n', 1)[0]}`;
    await course.prepare?.();
    const draft = await userIndex.draft({ parent, sha, changes: course.changes });
    // Held as shortly as can be: the owner's git fails meanwhile.
    const held = await userIndex.lock.take();
    try {
      await course.check();
      await userIndex.put(held, draft);
      mandate.assertHeld();
      git.writeNow(['update-ref', '-m', line, ref, sha, parent ?? '0'.repeat(sha.length)]);
    } catch (error) {
      // It may have moved all the same, when git was too slow to say so.
      if (!(await isOnBranch(decision))) {
        held.release();
        throw error;
      }
    }
    held.install();
  }

  /** Whether a synchronisation that failed may be half in the vault and can go on later. */
  const goesOn = ({ kind }: Decision, mandate: Mandate, error: unknown) =>
    kind === 'sync' && (isGitError(error, 'file-unavailable', 'repository-locked') || mandate.signal.aborted);

  /**
   * Moves the branch to a decided commit, if it still is where the commit begins, and tells of it. When it cannot, the
   * commit is given up, save a synchronisation that goes on once others answer or let go of the index, or that another
   * process has the mandate for.
   */
  async function goOn(decision: Decision, mandate: Mandate, course: Course): Promise<void> {
    try {
      await move(decision, mandate, course);
    } catch (error) {
      if (!goesOn(decision, mandate, error)) {
        await database.transaction((transaction) => decisions.forget(transaction, decision.sha));
      }
      throw error;
    }
    await tell(decision, mandate);
    await database.transaction((transaction) => decisions.forget(transaction, decision.sha));
  }

  return {
    goOn,

    /**
     * Decides a commit that is made: moves the branch to it, if it still is where the commit begins, and tells of it.
     *
     * @throws GitError `head-moved` when another program was quicker, `repository-locked` while one writes the index;
     *   then the commit is given up, as `goOn` says
     */
    async execute(decision: Decision, mandate: Mandate, course: Course): Promise<void> {
      await userIndex.lock.assertFree();
      await database.transaction(async (transaction) => {
        await mandate.fence(transaction.sql);
        await decisions.decide(transaction, decision);
      });
      await goOn(decision, mandate, course);
    },

    /** Adds to the conflicts that a decided commit will tell of. */
    async noteConflict(decision: Decision, conflict: Conflict, mandate: Mandate): Promise<void> {
      decision.conflicts.push(conflict);
      await database.transaction(async (transaction) => {
        await mandate.fence(transaction.sql);
        await decisions.writeConflicts(transaction, decision);
      });
    },

    /**
     * Finishes what a process that ended has left.
     *
     * @throws GitError `repository-locked` while the user's index cannot be brought along
     */
    async finish(mandate: Mandate): Promise<void> {
      for (const decision of await decisions.open()) {
        if (decision.state === 'decided') {
          if (!(await isOnBranch(decision))) {
            if (decision.kind === 'sync') await options.resume(decision, mandate);
            else await database.transaction((transaction) => decisions.forget(transaction, decision.sha));
            continue;
          }
          await tell(decision, mandate);
        }
        await follow(decision);
      }
      await userIndex.lock.discard();
    },
  };
}

export type Decisions = ReturnType<typeof createDecisions>;
