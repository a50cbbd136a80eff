import { statSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { fileContract } from '@weave-nn/clients';
import { SettingError } from '@weave-nn/config';
import { createLease, type Database } from '@weave-nn/database';
import { callContext, defineService } from '@weave-nn/service';
import { FileSettings } from './config.ts';
import { createRequestDeadline } from './domain/locks/request-deadline.ts';
import { createVaultLocks } from './domain/locks/vault-locks.ts';
import { createContentKeeper } from './domain/read/content-keeper.ts';
import { createListing } from './domain/read/listing.ts';
import { createReads } from './domain/read/reads.ts';
import { createRecentNotes } from './domain/reconcile/recent-notes.ts';
import { createReconciler } from './domain/reconcile/reconciler.ts';
import { createRecording } from './domain/reconcile/recording.ts';
import { createVaultWatch } from './domain/reconcile/vault-watch.ts';
import { createRecovery } from './domain/recovery.ts';
import { openVaultFolder } from './domain/vault-folder.ts';
import { createChanges } from './domain/write/changes.ts';
import { createCompletion } from './domain/write/completion.ts';
import { createDiskPreparation } from './domain/write/disk-preparation.ts';
import { createDiskWrites } from './domain/write/disk-writes.ts';
import { createWriter } from './domain/write/writer.ts';
import { statuses } from './errors.ts';
import { fileRoutes } from './routes/files.ts';
import { internalRoutes } from './routes/internal.ts';
import { readJsonExactly } from './routes/json-body.ts';
import { operationRoutes } from './routes/operations.ts';
import { createLockRows } from './store/lock-rows.ts';
import { createManifestStore } from './store/manifest.ts';
import { createReplica, LEASE, leaderLease } from './store/replica.ts';
import { createVaultProgress } from './store/vault-progress.ts';
import { createVersionStore } from './store/versions.ts';
import { createWriteGroupStore } from './store/write-groups.ts';

const LARGEST_BODY = 128 * 1024 * 1024;
const DAY = 24 * 3_600_000;

/** The vault: its files over HTTP, and an event for every change of one, whoever made it. */
export const fileService = defineService({
  contract: fileContract,
  settings: FileSettings,
  statuses,
  bodyLimit: LARGEST_BODY,
  store: { migrations: fileURLToPath(new URL('../prisma/migrations', import.meta.url)) },

  create({ settings, runtime, log, vaultId, vaultPath, outbox, wakeRelay, flushOutbox, ...context }) {
    if (vaultPath === undefined || !statSync(vaultPath, { throwIfNoEntry: false })?.isDirectory()) {
      throw new SettingError('VAULT_PATH', 'a folder that exists', JSON.stringify(vaultPath ?? ''));
    }
    const database = context.database as Database;
    const report = (message: string, error: unknown) => log.warn({ err: error }, message);
    const folder = openVaultFolder(vaultPath);
    const isShared = database.provider === 'postgresql';
    const replica = createReplica({ database, vaultId, runtime, report });
    const lockRows = isShared ? createLockRows(database, vaultId) : undefined;
    const requestDeadline = createRequestDeadline({ runtime, caller: callContext });
    const locks = createVaultLocks({ replica, rows: lockRows, requestDeadline, runtime, report });
    const progress = createVaultProgress(database, vaultId);
    const manifest = createManifestStore(database, vaultId);
    const versions = createVersionStore(database, vaultId, runtime);
    const groups = createWriteGroupStore(database, vaultId, runtime);
    const recording = createRecording({ vaultId, outbox, manifest, versions });
    const disk = createDiskWrites(folder);
    const recentNotes = createRecentNotes(runtime);
    const shared = {
      folder,
      database,
      manifest,
      versions,
      recording,
      runtime,
      report,
      tracer: context.tracer,
      wakeRelay,
    };
    const reconciler = createReconciler({ ...shared, locks, recentNotes, precedence: context.precedence });
    const completion = createCompletion({ ...shared, disk, groups, locks });
    const writer = createWriter({
      ...shared,
      preparation: createDiskPreparation(folder),
      groups,
      completion,
      requestDeadline,
    });
    const recovery = createRecovery({ completion, groups, lockRows, replica, progress, requestDeadline, runtime });
    const sequenceOf = (path: string) => outbox.sequenceOf(database.read, path);
    /** A process that only inspects compares nothing. */
    let isRunning = false;
    const reads = createReads({
      ...shared,
      sequenceOf,
      reconciler,
      recentNotes,
      locks,
      async assertCompared() {
        if (isRunning) await watch.assertCompared();
      },
    });
    const listing = createListing(manifest);
    const changes = createChanges({ folder, manifest, versions, groups, reconciler, writer, recovery, locks });
    const watch = createVaultWatch({
      ...shared,
      reconciler,
      recovery,
      progress,
      isShared,
      quiet: settings.WATCH_QUIET_MS,
      scanInterval: settings.VAULT_SCAN_INTERVAL * 1000,
      onReconciled: (result) => log.debug(result, 'compared with the disk'),
    });
    const keeper = createContentKeeper({
      ...shared,
      groups,
      workers: context.workers,
      retention: settings.VERSION_RETENTION_DAYS * DAY,
      ready: flushOutbox,
      precedence: context.precedence,
    });

    const leadership = createLease({
      log,
      database,
      name: leaderLease(vaultId),
      owner: replica.id,
      duration: LEASE,
      runtime,
      report,
      async work(term) {
        await Promise.all([watch.lead(term), keeper.lead(term)]);
      },
    });

    return {
      routes(app) {
        readJsonExactly(app);
        fileRoutes(app, { changes, listing, reads, folder });
        operationRoutes(app, { changes, versions, folder });
        internalRoutes(app, {
          changes,
          reads,
          listing,
          status: async () => ({
            files: await manifest.count(),
            unsent: await outbox.unsent(database.read),
            comparing: !(await watch.isCompared()),
          }),
        });
      },
      dependencies: {
        vault: () => watch.readiness(),
      },
      async start() {
        isRunning = true;
        replica.start();
        leadership.start();
      },
      async stop() {
        recovery.stop();
        await leadership.stop();
        await writer.stop();
        await locks.close();
        await replica.stop();
      },
    };
  },
});
