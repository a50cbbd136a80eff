import { rm } from 'node:fs/promises';
import { backoff, pause, type Runtime } from '@weave-nn/config';
import type { Report } from '@weave-nn/events';
import { FileError } from '../errors.ts';
import type { Reconciled, Reconciler } from './reconciler.ts';
import type { VaultFolder } from './vault-folder.ts';
import { createWatcher } from './watcher.ts';
import type { Writer } from './writer.ts';

const FIRST_WAIT = 250;
const LONGEST_WAIT = 5_000;

export interface VaultWatchOptions {
  folder: VaultFolder;
  reconciler: Reconciler;
  writer: Writer;
  runtime: Runtime;
  report: Report;
  /** Milliseconds of quiet before a touched path is looked at. */
  quiet: number;
  /** Milliseconds between scans of everything. */
  scanInterval: number;
  onReconciled(result: Reconciled): void;
}

/**
 * Keeps the manifest true: finishes what an earlier process left, compares everything once, then follows the watcher
 * and compares everything again now and then.
 */
export function createVaultWatch(options: VaultWatchOptions) {
  const { folder, reconciler, writer, runtime, report } = options;
  const stop = new AbortController();
  const skippedBefore = new Set<string>();
  let compared = false;
  let running: Promise<void> | undefined;

  const watcher = createWatcher({
    root: folder.root,
    quiet: options.quiet,
    runtime,
    report,
    async onDue(paths) {
      const result = await reconciler.paths(paths);
      options.onReconciled(result);
      return result;
    },
  });

  async function scan() {
    const result = await reconciler.all();
    watcher.watchFolders(result.folders);
    options.onReconciled(result);
    for (const { path, reason } of result.skipped) {
      if (skippedBefore.has(path)) continue;
      skippedBefore.add(path);
      report(`${path} is left out of the vault`, new Error(reason));
    }
    return result;
  }

  async function begin() {
    await writer.recover();
    const first = await scan();
    for (const path of first.temporaries) await rm(`${folder.root}/${path}`, { force: true });
    // What changed between the first look at a folder and its being watched is found by looking again.
    await scan();
    compared = true;
  }

  async function work() {
    let failures = 0;
    while (!stop.signal.aborted) {
      try {
        if (compared) await scan();
        else await begin();
        failures = 0;
      } catch (error) {
        failures++;
        report('the vault could not be compared with the manifest; it is tried again', error);
      }
      const wait = failures > 0 ? backoff(runtime, failures, FIRST_WAIT, LONGEST_WAIT) : options.scanInterval;
      await pause(runtime, wait, stop.signal);
    }
  }

  return {
    /** Begins; resolves at once. */
    start() {
      running = work();
    },
    /** @throws FileError while the vault has not been compared once, or is away */
    check() {
      folder.assertPresent();
      if (!compared) throw new FileError('vault-missing', 'the vault is being compared with the manifest');
    },
    async stop() {
      stop.abort();
      await watcher.close();
      await running;
    },
  };
}

export type VaultWatch = ReturnType<typeof createVaultWatch>;
