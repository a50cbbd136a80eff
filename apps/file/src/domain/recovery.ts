import { pause, type Runtime } from '@weave-nn/config';
import { FileError } from '../errors.ts';
import type { LockRows } from '../store/lock-rows.ts';
import type { Replica } from '../store/replica.ts';
import type { Mandate } from '../store/transaction.ts';
import type { VaultProgress } from '../store/vault-progress.ts';
import type { LeftGroup, WriteGroupStore } from '../store/write-groups.ts';
import type { RequestDeadline } from './locks/request-deadline.ts';
import type { Completion } from './write/completion.ts';
import { ownerOfTemporary } from './write/write-group.ts';

/** How long a write waits for what an earlier process decided. */
const MAX_WAIT_MS = 10_000;
/** How often it is looked whether another process has carried that out. */
const POLL_INTERVAL_MS = 100;

export interface RecoveryOptions {
  completion: Completion;
  groups: WriteGroupStore;
  /** Undefined when no other process has the vault. */
  lockRows: LockRows | undefined;
  replica: Replica;
  progress: VaultProgress;
  requestDeadline: RequestDeadline;
  runtime: Runtime;
}

/** Finishes what dead processes have left. */
export function createRecovery(options: RecoveryOptions) {
  const { completion, groups, lockRows, replica, progress, requestDeadline, runtime } = options;
  const stop = new AbortController();
  const recovery = Promise.withResolvers<void>();
  let recovered = false;

  /** Carries out and tidies up what a dead process left; says what could not be. */
  async function takeOver({ group, state }: LeftGroup, leading: Mandate): Promise<unknown> {
    try {
      if (state === 'decided') await completion.complete(group, leading);
      await completion.settle(group, leading);
      return null;
    } catch (error) {
      leading.assertHeld();
      return error;
    }
  }

  return {
    /**
     * Carries out what dead processes decided and did not finish, tidies up after them, and lets go of their locks.
     *
     * @returns whether there was one
     * @throws what kept a group from being carried out; its process's locks stay until it is
     */
    async recover(leading: Mandate): Promise<boolean> {
      const hasBuried = await replica.buryLapsed(leading);
      // Asked in this order, so that whoever is dead here has no group that is not seen below.
      const locking = (await lockRows?.owners()) ?? [];
      const living = await replica.living();
      const left = await groups.left(replica.living);
      const failed = new Map<string | null, unknown>();
      for (const each of left) {
        const failure = await takeOver(each, leading);
        if (failure !== null) failed.set(each.owner, failure);
      }
      const dead = locking.filter((owner) => !living.has(owner) && !failed.has(owner));
      await lockRows?.releaseAll(leading, dead);
      for (const failure of failed.values()) throw failure;
      recovered = true;
      recovery.resolve();
      return hasBuried || left.length > 0 || dead.length > 0;
    },

    /** Of our own hidden files those that no process will use any more. */
    async unused(temporaries: readonly string[]): Promise<string[]> {
      if (temporaries.length === 0) return [];
      const living = await replica.living();
      const using = await groups.owners();
      return temporaries.filter((path) => {
        const owner = ownerOfTemporary(path);
        return owner === null ? !using.has(null) : !living.has(owner) && !using.has(owner);
      });
    },

    /**
     * Waits until what an earlier process decided is carried out: a newer write would be overwritten by it.
     *
     * @throws FileError `write-pending` when that takes too long
     */
    async whenRecovered(): Promise<void> {
      const giveUpAt = requestDeadline.giveUpAt(MAX_WAIT_MS);
      while (!recovered) {
        recovered = await progress.hasReached('recovered');
        if (recovered) return;
        if (stop.signal.aborted || runtime.monotonic() > giveUpAt) {
          throw new FileError(
            'write-pending',
            'writes that were decided before the last stop are not finished yet; try again',
          );
        }
        const over = new AbortController();
        const waiting = AbortSignal.any([stop.signal, over.signal]);
        await Promise.race([recovery.promise, pause(runtime, POLL_INTERVAL_MS, waiting)]);
        over.abort();
      }
    },

    /** Ends all waiting. */
    stop() {
      stop.abort();
    },
  };
}

export type Recovery = ReturnType<typeof createRecovery>;
