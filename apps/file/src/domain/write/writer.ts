import type { ChangeResult } from '@weave-nn/clients';
import { backoff, pause, type Runtime } from '@weave-nn/config';
import type { Report } from '@weave-nn/events';
import { FileError } from '../../errors.ts';
import type { Mandate } from '../../store/transaction.ts';
import type { WriteGroupStore } from '../../store/write-groups.ts';
import type { RequestDeadline } from '../locks/request-deadline.ts';
import type { Held } from '../locks/vault-locks.ts';
import type { VaultFolder } from '../vault-folder.ts';
import { type Completion, resultOf } from './completion.ts';
import type { DiskPreparation } from './disk-preparation.ts';
import { toIntents } from './intents.ts';
import type { Plan } from './plan.ts';
import type { Author, WriteGroup } from './write-group.ts';

/** After so many milliseconds the second name of a replaced file is looked at once more and dropped. */
const SETTLE_AFTER = 1_000;
const INITIAL_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 10_000;

export interface WriterOptions {
  folder: VaultFolder;
  preparation: DiskPreparation;
  groups: WriteGroupStore;
  completion: Completion;
  requestDeadline: RequestDeadline;
  runtime: Runtime;
  report: Report;
}

/**
 * Carries out planned changes: every content is on disk before the decision is committed, and what was decided is
 * carried out whatever happens, by this process or the next.
 */
export function createWriter(options: WriterOptions) {
  const { folder, preparation, groups, completion, requestDeadline, runtime, report } = options;
  const stop = new AbortController();
  const settling = new Set<Promise<void>>();
  const retrying = new Set<Promise<void>>();

  function settleLater(group: WriteGroup, mandate: Mandate) {
    async function work() {
      await pause(runtime, SETTLE_AFTER, stop.signal);
      // Whoever takes over what this process has left tidies that up as well.
      for (let attempt = 1; !mandate.signal.aborted; attempt++) {
        try {
          return await completion.settle(group, mandate);
        } catch (error) {
          report(`write group ${group.id}: written, but not cleaned up yet; it is retried`, error);
          if (stop.signal.aborted) return;
          await pause(runtime, backoff(runtime, attempt, INITIAL_BACKOFF_MS, MAX_BACKOFF_MS), stop.signal);
        }
      }
    }
    const working = work().finally(() => settling.delete(working));
    settling.add(working);
  }

  function retryLater(group: WriteGroup, { life, release }: Held) {
    async function retry() {
      for (let attempt = 1; !stop.signal.aborted; attempt++) {
        await pause(runtime, backoff(runtime, attempt, INITIAL_BACKOFF_MS, MAX_BACKOFF_MS), stop.signal);
        if (stop.signal.aborted) return;
        if (life.signal.aborted) return release();
        try {
          await completion.complete(group, life);
          settleLater(group, life);
          return release();
        } catch (error) {
          report(`write group ${group.id}: decided, but not written yet; it is retried`, error);
        }
      }
    }
    const work = retry().finally(() => retrying.delete(work));
    retrying.add(work);
  }

  async function discard({ intents }: WriteGroup): Promise<void> {
    for (const intent of intents) await preparation.discard(intent);
  }

  /** Prepares every intent; none when the disk refuses one. */
  async function prepare(sorted: ReturnType<typeof toIntents>, group: WriteGroup): Promise<void> {
    try {
      for (const { planned, intent } of sorted) {
        const bytes = planned.bytes instanceof Buffer ? planned.bytes : null;
        await preparation.prepare(intent, bytes, planned.before?.mode ?? null);
      }
      // A client that has gone away, or has been told that its time is over, may have sent the change again.
      requestDeadline.assertWanted();
    } catch (error) {
      await discard(group);
      throw error;
    }
  }

  /** Makes sure that a group is not decided, then lets its paths go. */
  function withdrawLater(group: WriteGroup, { life, release }: Held) {
    async function work() {
      for (let attempt = 1; !life.signal.aborted; attempt++) {
        try {
          await groups.withdraw(group, life);
          return await discard(group);
        } catch (error) {
          report(`write group ${group.id}: refused, but not taken back yet; it is retried`, error);
          if (stop.signal.aborted) return;
          await pause(runtime, backoff(runtime, attempt, INITIAL_BACKOFF_MS, MAX_BACKOFF_MS), stop.signal);
        }
      }
    }
    const working = work()
      .catch((error) => report(`write group ${group.id}: its hidden files are left to the next start`, error))
      .finally(() => {
        retrying.delete(working);
        release();
      });
    retrying.add(working);
  }

  return {
    /**
     * Carries out a plan whose paths the caller has locked.
     *
     * @param held the locks; released by the writer once nothing of the plan is left to do
     * @returns what changed; nothing when the plan changes nothing
     * @throws FileError when nothing was changed, except `write-pending`: then it was decided and will be
     */
    async execute(
      plan: Plan,
      author: Author,
      idempotency: WriteGroup['idempotency'],
      held: Held,
    ): Promise<ChangeResult> {
      const { life } = held;
      const id = runtime.uuid();
      const sorted = toIntents(plan.files, `${life.owner}-${id}`, folder);
      const intents = sorted.map(({ intent }) => intent);
      const group: WriteGroup = { id, author, idempotency, intents, linksLeft: plan.linksLeft };
      if (sorted.length === 0 && !idempotency) {
        held.release();
        return resultOf([], plan.linksLeft);
      }
      try {
        await prepare(sorted, group);
      } catch (error) {
        held.release();
        throw error;
      }
      try {
        await groups.decide(group, life);
        for (const intent of group.intents) preparation.keep(intent);
      } catch (error) {
        withdrawLater(group, held);
        throw error;
      }
      try {
        const changed = await completion.complete(group, life);
        settleLater(group, life);
        held.release();
        return changed;
      } catch (error) {
        report(`write group ${id}: decided, but not written yet; it is retried`, error);
        retryLater(group, held);
        throw new FileError('write-pending', 'the change is decided and will be written as soon as the disk allows', {
          cause: error,
        });
      }
    },

    /** Ends waiting work: what is not carried out or tidied up yet is left to the next start. */
    async stop(): Promise<void> {
      stop.abort();
      await Promise.all([...settling, ...retrying]);
    },
  };
}

export type Writer = ReturnType<typeof createWriter>;
