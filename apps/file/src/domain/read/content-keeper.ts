import { startWorker, type WorkerContext } from '@weave-nn/background';
import { pause } from '@weave-nn/config';
import type { Precedence } from '@weave-nn/events';
import type { ManifestStore } from '../../store/manifest.ts';
import type { Mandate, Transactions } from '../../store/transaction.ts';
import type { KeptContent, VersionStore } from '../../store/versions.ts';
import type { WriteGroupStore } from '../../store/write-groups.ts';
import { MAX_KEPT } from '../reconcile/reconciler.ts';
import type { VaultFolder } from '../vault-folder.ts';

const BATCH = 50;
const BATCH_INTERVAL_MS = 20;
const INTERVAL_MS = 10 * 60_000;
/** A start has more urgent work. */
const INITIAL_DELAY_MS = 5_000;
/** Nobody waits for it. */
const INITIAL_BACKOFF_MS = 60_000;

export interface ContentKeeperOptions {
  folder: VaultFolder;
  database: Transactions;
  manifest: ManifestStore;
  versions: VersionStore;
  groups: WriteGroupStore;
  workers: WorkerContext;
  /** Milliseconds for which versions are kept. */
  retention: number;
  /** Resolves when what was found is with the broker. */
  ready(): Promise<void>;
  precedence: Precedence;
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}

/**
 * Keeps the present content of every note, so that it is still there after another program has replaced or deleted
 * it, and forgets what is older than its retention. Works in the background, a little at a time.
 */
export function createContentKeeper(options: ContentKeeperOptions) {
  const { folder, database, manifest, versions, workers } = options;
  const { runtime } = workers;

  /** @returns the path of the last note that was looked at; undefined when there was none after `cursor` */
  async function keepBatch(cursor: string, leading: Mandate): Promise<string | undefined> {
    const entries = await manifest.unkept(MAX_KEPT, cursor, BATCH);
    const contents: KeptContent[] = [];
    for (const { path, hash } of entries) {
      const snapshot = folder.read(path);
      if (snapshot?.hash === hash) contents.push(await versions.prepare(hash, snapshot.bytes));
    }
    await database.transaction(async (sql) => {
      await leading.fence(sql);
      await versions.keepAll(sql, contents);
    });
    return entries.at(-1)?.path;
  }

  async function round(leading: Mandate) {
    const { signal } = leading;
    // What is more urgent may have to wait for a broker that is away.
    await Promise.race([options.ready(), aborted(signal)]);
    await options.precedence.follow(signal);
    for (let cursor: string | undefined = ''; cursor !== undefined && !signal.aborted; ) {
      cursor = await keepBatch(cursor, leading);
      if (cursor !== undefined) await pause(runtime, BATCH_INTERVAL_MS, signal);
      await options.precedence.follow(signal);
    }
    if (signal.aborted) return;
    const before = runtime.now() - options.retention;
    await versions.prune(before, leading);
    await options.groups.prune(before, leading);
  }

  return {
    /** Works until the mandate ends. */
    async lead(leading: Mandate): Promise<void> {
      const { signal } = leading;
      await pause(runtime, INITIAL_DELAY_MS, signal);
      if (signal.aborted) return;
      const worker = startWorker({
        ...workers,
        name: 'content-keeper',
        intervalMs: INTERVAL_MS,
        initialBackoffMs: INITIAL_BACKOFF_MS,
        maxBackoffMs: INTERVAL_MS,
        run: () => round(leading),
      });
      await aborted(signal);
      await worker.stop();
    },
  };
}
