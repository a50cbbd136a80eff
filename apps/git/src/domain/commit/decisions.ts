import { pause, type Runtime } from '@weave-nn/config';
import type { EventDraft, Outbox, Report } from '@weave-nn/events';
import { GitError, isGitError } from '../../errors.ts';
import type { Conflict, Decision, DecisionStore } from '../../store/decisions.ts';
import type { PendingStore } from '../../store/pending.ts';
import type { StateStore } from '../../store/state.ts';
import type { Mandate, Transactions } from '../../store/transaction.ts';
import type { Repository } from '../repository.ts';
import type { IndexChange } from './private-index.ts';
import { followInUserIndex } from './user-index.ts';

/** So many commits may be ahead of the user's index; more would take ever longer to bring along. */
const MOST_BEHIND = 500;
const MOST_TRIES = 5;
const SHORT_WAIT = 15;

export interface DecisionsOptions {
  repository: Repository;
  database: Transactions;
  decisions: DecisionStore;
  pending: PendingStore;
  state: StateStore;
  outbox: Outbox;
  wakeRelay(): void;
  runtime: Runtime;
  report: Report;
  /** Carries out a synchronisation whose files may be half in the vault. */
  resume(decision: Decision, mandate: Mandate): Promise<void>;
}

/** How a commit comes onto its branch. */
interface Course {
  before: () => Promise<void>;
  changes?: readonly IndexChange[];
}

/**
 * Brings commits onto the branch such that each is told of exactly once: it is written down before the branch moves,
 * and its event is written in the transaction that lets go of the changes it holds.
 */
export function createDecisions(options: DecisionsOptions) {
  const { repository, database, decisions, pending, state, outbox, wakeRelay, runtime, report } = options;
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
    await database.transaction(async (sql) => {
      await mandate.fence(sql);
      await outbox.appendAll(sql, eventsOf(decision));
      await pending.remove(sql, decision.positions);
      await state.change(sql, { lastSha: decision.sha, lastAt: decision.decidedAt });
      await decisions.markTold(sql, decision.sha);
    });
    wakeRelay();
  }

  /** The user's index follows as soon as nobody else writes it; until then it is left for the next time. */
  async function follow({ sha, parent }: Decision, changes?: readonly IndexChange[]): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      try {
        await followInUserIndex(repository, parent, sha, changes);
        break;
      } catch (error) {
        if (!isGitError(error)) throw error;
        // Whoever looks at the status holds the lock for a moment.
        await pause(runtime, SHORT_WAIT * tries);
        if (tries < MOST_TRIES) continue;
        report(`commit ${sha}: the index of the repository follows later`, error);
        return false;
      }
    }
    await database.transaction((sql) => decisions.forget(sql, sha));
    return true;
  }

  /**
   * Moves the branch to a decided commit, if it still is where the commit begins, and tells of it.
   *
   * @param options.before what must be done first; when it throws the commit is given up, save a synchronisation that
   *   may be half in the vault already and can go on once others answer, or another process has the mandate
   */
  async function goOn(decision: Decision, mandate: Mandate, { before, changes }: Course): Promise<void> {
    const { sha, parent, ref, message, kind } = decision;
    const line = `weave: ${message.split('\n', 1)[0]}`;
    try {
      await before();
      mandate.assertHeld();
      await git.write({ args: ['update-ref', '-m', line, ref, sha, parent ?? '0'.repeat(sha.length)] });
    } catch (error) {
      const goesOn = isGitError(error, 'file-unavailable') || mandate.signal.aborted;
      if (kind === 'sync' && goesOn) throw error;
      // It may have moved all the same, when git was too slow to say so.
      if (!(await isOnBranch(decision))) {
        await database.transaction((sql) => decisions.forget(sql, sha));
        throw error;
      }
    }
    await tell(decision, mandate);
    await follow(decision, changes);
  }

  return {
    goOn,

    /**
     * Decides a commit that is made: moves the branch to it, if it still is where the commit begins, and tells of it.
     *
     * @param options.before what must be done between deciding and moving; when it throws the commit is given up, as
     *   `goOn` says
     * @param options.changes what the commit changes, where that is known
     * @throws GitError `head-moved` when another program was quicker; then the commit is given up
     */
    async carryOut(decision: Decision, mandate: Mandate, options: Course): Promise<void> {
      await database.transaction(async (sql) => {
        await mandate.fence(sql);
        await decisions.decide(sql, decision);
      });
      await goOn(decision, mandate, options);
    },

    /** Adds to the conflicts that a decided commit will tell of. */
    async noteConflict(decision: Decision, conflict: Conflict, mandate: Mandate): Promise<void> {
      decision.conflicts.push(conflict);
      await database.transaction(async (sql) => {
        await mandate.fence(sql);
        await decisions.writeConflicts(sql, decision);
      });
    },

    /** Finishes what a process that ended, or a locked index, has left. */
    async finish(mandate: Mandate): Promise<void> {
      for (const decision of await decisions.open()) {
        if (decision.state === 'decided') {
          if (!(await isOnBranch(decision))) {
            if (decision.kind === 'sync') await options.resume(decision, mandate);
            else await database.transaction((sql) => decisions.forget(sql, decision.sha));
            continue;
          }
          await tell(decision, mandate);
        }
        // A later one would find what this one has not brought along yet, and leave it.
        if (!(await follow(decision))) return;
      }
    },

    /** @throws GitError `repository-locked` when the user's index has been behind for too long to go on */
    async assertFollowed(): Promise<void> {
      const open = await decisions.open();
      if (open.length < MOST_BEHIND) return;
      throw new GitError(
        'repository-locked',
        'the index of the repository is locked; if no git program runs, remove index.lock from its .git folder',
      );
    },
  };
}

export type Decisions = ReturnType<typeof createDecisions>;
