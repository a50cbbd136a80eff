import { backoff, pause, type Runtime } from '@weave-nn/config';
import type { Report } from '@weave-nn/events';
import { FileError } from '../../errors.ts';
import type { LockRows } from '../../store/lock-rows.ts';
import type { Life, Replica } from '../../store/replica.ts';
import { createPathLocks } from './path-locks.ts';
import type { RequestDeadline } from './request-deadline.ts';

/** How long a lock of another process is waited for: longer than it takes to find out that the process is dead. */
const MAX_LOCK_WAIT_MS = 10_000;
/** A change that is stuck must not keep those who look at many files from the others. */
const MAX_LOCAL_WAIT_MS = 2_000;
const INITIAL_POLL_MS = 10;
const MAX_POLL_MS = 40;
/** A lock that another process waits for is left to it for so long: until it has looked once more. */
const COURTESY = 50;
const INITIAL_BACKOFF_MS = 100;
const MAX_BACKOFF_MS = 2_000;

/** Paths that nobody else changes meanwhile. */
export interface Held {
  /** What happens to them is done under this. */
  life: Life;
  /** Lets them go; calling it twice does nothing more. */
  release(): void;
}

export interface VaultLocksOptions {
  replica: Pick<Replica, 'life'>;
  /** Where processes that share the vault keep off each other; undefined when only this one has it. */
  rows: LockRows | undefined;
  requestDeadline: RequestDeadline;
  runtime: Runtime;
  report: Report;
}

/** Lets one piece of work at a time have a path, among all processes that share the vault. */
export function createVaultLocks({ replica, rows, requestDeadline, runtime, report }: VaultLocksOptions) {
  const local = createPathLocks();
  const stop = new AbortController();
  const releasing = new Set<Promise<void>>();
  /** Until when a key is left to others. */
  const courtesies = new Map<string, number>();

  /**
   * Lets go of rows, then of the keys within this process: the next to have them would find its own rows.
   *
   * @param unsure nobody knows which of them were taken. Taking them again waits for a commit that is still on its way
   */
  function releaseRows(
    store: LockRows,
    life: Life,
    keys: readonly string[],
    release: () => void,
    unsure = false,
  ): void {
    async function work() {
      for (let attempt = 1; !life.signal.aborted; attempt++) {
        try {
          if (unsure) await store.takeFree(life, keys);
          leaveLater(await store.release(life, keys));
          return;
        } catch (error) {
          report('locks of paths could not be released; it is retried', error);
          if (stop.signal.aborted) return;
          await pause(runtime, backoff(runtime, attempt, INITIAL_BACKOFF_MS, MAX_BACKOFF_MS), stop.signal);
        }
      }
    }
    const working = work().finally(() => {
      releasing.delete(working);
      release();
    });
    releasing.add(working);
  }

  function heldOf(life: Life, keys: readonly string[], release: () => void): Held {
    let released = false;
    return {
      life,
      release() {
        if (released) return;
        released = true;
        if (rows && keys.length > 0) releaseRows(rows, life, keys, release);
        else release();
      },
    };
  }

  function leaveLater(wanted: readonly string[]): void {
    const now = runtime.monotonic();
    if (wanted.length > 0) for (const [key, until] of courtesies) if (until < now) courtesies.delete(key);
    for (const key of wanted) courtesies.set(key, now + COURTESY);
  }

  async function leaveToOthers(keys: readonly string[]): Promise<void> {
    if (courtesies.size === 0) return;
    let until = 0;
    for (const key of keys) {
      until = Math.max(until, courtesies.get(key) ?? 0);
      courtesies.delete(key);
    }
    const wait = until - runtime.monotonic();
    if (wait > 0) await pause(runtime, wait, stop.signal);
  }

  async function takeRows(store: LockRows, life: Life, keys: readonly string[]): Promise<void> {
    await leaveToOthers(keys);
    const giveUpAt = requestDeadline.giveUpAt(MAX_LOCK_WAIT_MS);
    for (let taken = 0; ; ) {
      taken += await store.take(life, keys.slice(taken));
      const blocked = keys[taken];
      if (blocked === undefined) return;
      await waitForRow(store, blocked, giveUpAt);
    }
  }

  async function waitForRow(store: LockRows, key: string, giveUpAt: number): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      if (runtime.monotonic() > giveUpAt || stop.signal.aborted) {
        throw new FileError('file-busy', 'another process of the file service is changing the same files; try again');
      }
      await pause(runtime, backoff(runtime, attempt, INITIAL_POLL_MS, MAX_POLL_MS), stop.signal);
      if (!(await store.isWanted(key))) return;
    }
  }

  /**
   * Does something under keys that this process's other work has let go.
   *
   * @param takeFrom takes rows for them; what it took before it failed is let go
   */
  async function underLocal<Result>(
    keys: readonly string[],
    release: () => void,
    takeFrom: (store: LockRows | undefined, life: Life) => Promise<Result>,
  ): Promise<Result> {
    let life: Life;
    try {
      life = await replica.life();
    } catch (error) {
      release();
      throw error;
    }
    try {
      return await takeFrom(rows, life);
    } catch (error) {
      if (rows) releaseRows(rows, life, keys, release, true);
      else release();
      throw error;
    }
  }

  return {
    /**
     * Waits for every key and takes them.
     *
     * @throws FileError `file-busy` when another process keeps one for too long, `write-pending` when this process does
     */
    async take(keys: Iterable<string>): Promise<Held> {
      const sorted = [...new Set(keys)].sort();
      const release = await local.take(sorted, requestDeadline.waitFor);
      return underLocal(sorted, release, async (store, life) => {
        if (store) await takeRows(store, life, sorted);
        return heldOf(life, sorted, release);
      });
    },

    /** Takes those keys that nobody has; work of this process that ends soon is waited for. */
    async takeFree(keys: readonly string[]): Promise<{ held: Held; taken: ReadonlySet<string> }> {
      const wanted = [...new Set(keys)].sort();
      const giveUpAt = runtime.monotonic() + MAX_LOCAL_WAIT_MS;
      const { taken: free, release } = await local.takeFree(wanted, (released) =>
        Promise.race([released, pause(runtime, giveUpAt - runtime.monotonic())]),
      );
      return underLocal(free, release, async (store, life) => {
        const taken = store ? await store.takeFree(life, free) : new Set(free);
        return { held: heldOf(life, [...taken], release), taken };
      });
    },

    /** Takes a key if nobody has it, for somebody who has others already and must not wait. */
    async takeNow(key: string): Promise<Held | null> {
      const release = local.takeNow(key);
      if (!release) return null;
      return underLocal([key], release, async (store, life) => {
        if (!store || (await store.takeFree(life, [key])).size > 0) return heldOf(life, [key], release);
        release();
        return null;
      });
    },

    /** Ends all waiting, and resolves once nothing that was released is left. */
    async close(): Promise<void> {
      stop.abort();
      await Promise.all(releasing);
    },
  };
}

export type VaultLocks = ReturnType<typeof createVaultLocks>;
