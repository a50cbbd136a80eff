import { rm } from 'node:fs/promises';
import { backoff, pause, type Runtime } from '@weave-nn/config';
import type { Report } from '@weave-nn/events';
import { FileError } from '../../errors.ts';
import type { Term } from '../../store/transaction.ts';
import type { VaultProgress } from '../../store/vault-progress.ts';
import type { Recovery } from '../recovery.ts';
import type { VaultFolder } from '../vault-folder.ts';
import type { Reconciled, Reconciler } from './reconciler.ts';
import { createWatcher } from './watcher.ts';

const INITIAL_BACKOFF_MS = 250;
const MAX_BACKOFF_MS = 5_000;
/** How often it is looked whether another process has died. */
const RECOVER_INTERVAL_MS = 2_000;

export interface VaultWatchOptions {
  folder: VaultFolder;
  reconciler: Reconciler;
  recovery: Recovery;
  progress: VaultProgress;
  /** Whether other processes have the vault as well. */
  isShared: boolean;
  runtime: Runtime;
  report: Report;
  /** Milliseconds of quiet before a touched path is looked at. */
  quiet: number;
  /** Milliseconds between scans of everything. */
  scanInterval: number;
  onReconciled(result: Reconciled): void;
}

function beingCompared(): FileError {
  return new FileError('vault-missing', 'the vault is being compared with the manifest');
}

/**
 * Keeps the manifest true, in the one process that leads: finishes what dead processes left, compares everything once,
 * then follows the watcher and compares everything again now and then.
 */
export function createVaultWatch(options: VaultWatchOptions) {
  const { folder, reconciler, recovery, progress, runtime, report } = options;
  const skippedBefore = new Set<string>();
  let compared = false;

  function follow(leading: Term) {
    const watcher = createWatcher({
      root: folder.root,
      quiet: options.quiet,
      runtime,
      report,
      async onDue(paths) {
        const result = await reconciler.paths(paths, leading);
        options.onReconciled(result);
        return result;
      },
    });
    let recovering: Promise<void> | undefined;
    let begun = false;
    let soon = new AbortController();

    /** Each folder is watched before it is looked into, so that no change after that is missed. */
    async function scan(): Promise<void> {
      const unwatchGone = watcher.rememberFolders();
      const result = await reconciler.all(leading, watcher.watchFolder);
      unwatchGone(result.folders);
      watcher.examineSoon(result.busy);
      options.onReconciled(result);
      for (const path of await recovery.unused(result.temporaries)) await rm(`${folder.root}/${path}`, { force: true });
      for (const { path, reason } of result.skipped) {
        if (skippedBefore.has(path)) continue;
        skippedBefore.add(path);
        report(`${path} is left out of the vault`, new Error(reason));
      }
    }

    async function recoverNowAndThen() {
      for (;;) {
        await pause(runtime, RECOVER_INTERVAL_MS, leading.signal);
        if (leading.signal.aborted) return;
        try {
          // The paths they had locked and the hidden files they had are looked at at once.
          if (await recovery.recover(leading)) soon.abort();
        } catch (error) {
          report('writes that a dead process decided could not be finished yet; they are retried', error);
        }
      }
    }

    async function begin() {
      if (!recovering) {
        await recovery.recover(leading);
        await progress.reach('recovered', leading);
        recovering = options.isShared ? recoverNowAndThen() : Promise.resolve();
      }
      await scan();
      await progress.reach('compared', leading);
      begun = true;
      compared = true;
    }

    return {
      async next() {
        if (begun) await scan();
        else await begin();
      },
      /** Waits until it is time to look again. */
      async wait(milliseconds: number) {
        await pause(runtime, milliseconds, AbortSignal.any([leading.signal, soon.signal]));
        soon = new AbortController();
      },
      async close() {
        await watcher.close();
        await recovering;
      },
    };
  }

  async function isCompared(): Promise<boolean> {
    folder.assertPresent();
    if (!compared && (await progress.hasReached('compared'))) compared = true;
    return compared;
  }

  return {
    /** Works until the term ends. */
    async lead(leading: Term): Promise<void> {
      const { signal } = leading;
      const following = follow(leading);
      let failures = 0;
      while (!signal.aborted) {
        try {
          await following.next();
          failures = 0;
        } catch (error) {
          failures++;
          if (!signal.aborted) report('the vault could not be compared with the manifest; it is retried', error);
        }
        const wait =
          failures > 0 ? backoff(runtime, failures, INITIAL_BACKOFF_MS, MAX_BACKOFF_MS) : options.scanInterval;
        await following.wait(wait);
      }
      await following.close();
    },

    isCompared,

    /** @throws FileError while no process has compared the vault since it leads, or the vault is away */
    async assertCompared(): Promise<void> {
      if (!(await isCompared())) throw beingCompared();
    },

    /**
     * Whether the vault can be served: undefined without reservation, `degraded` when it can only be read, `comparing`
     * while changes made since the last run are being looked for.
     *
     * @throws FileError while it is compared for the very first time, or is away
     */
    async readiness(): Promise<{ degraded: string } | { comparing: string } | undefined> {
      if (await isCompared()) return folder.findObstacle();
      if (!(await progress.wasComplete())) throw beingCompared();
      return folder.findObstacle() ?? { comparing: 'what changed while nothing ran is still being looked for' };
    },
  };
}

export type VaultWatch = ReturnType<typeof createVaultWatch>;
