import { existsSync, realpathSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gitContract } from '@weave-nn/clients';
import { makePrivateFolder, SettingError } from '@weave-nn/config';
import { defineService, inCallContext } from '@weave-nn/service';
import { GitSettings } from './config.ts';
import { QUEUE, vaultFileConsumer } from './consumers/vault-files.ts';
import { createCommitting } from './domain/commit/committing.ts';
import { createDecisions } from './domain/commit/decisions.ts';
import { createJudging } from './domain/commit/judging.ts';
import { createMaking } from './domain/commit/making.ts';
import { createPrivateIndex } from './domain/commit/private-index.ts';
import { createCommitWorker } from './domain/commit-worker.ts';
import { createContents } from './domain/history/contents.ts';
import { createDiffs } from './domain/history/diff.ts';
import { createHistory } from './domain/history/history.ts';
import { createJobs } from './domain/jobs.ts';
import { createMaintenance } from './domain/maintenance.ts';
import { createHooks } from './domain/owner/hooks.ts';
import { createIndexLock } from './domain/owner/index-lock.ts';
import { createRefusal } from './domain/owner/refusal.ts';
import { createSigning } from './domain/owner/signing.ts';
import { createUserIndex } from './domain/owner/user-index.ts';
import { createGit } from './domain/program/git.ts';
import { createRepository } from './domain/repository.ts';
import { createRestore } from './domain/restore.ts';
import { createStatus, degradedBy } from './domain/status.ts';
import { createPlanFile } from './domain/sync/bring-file.ts';
import { createBringIn } from './domain/sync/bring-in.ts';
import { createBringNotes } from './domain/sync/bring-notes.ts';
import { createBringOthers } from './domain/sync/bring-others.ts';
import { createHeldFiles } from './domain/sync/held.ts';
import { createPlaces } from './domain/sync/places.ts';
import { createRemote } from './domain/sync/remote.ts';
import { createSync, type Sync } from './domain/sync/sync.ts';
import { createTextMerge } from './domain/sync/text-merge.ts';
import { createRules } from './domain/validation/rules.ts';
import { createValidation } from './domain/validation/validation.ts';
import { statuses } from './errors.ts';
import { actionRoutes } from './routes/actions.ts';
import { historyRoutes } from './routes/history.ts';
import { type GitDatabase, clients as prismaClients } from './store/client.ts';
import { createDecisionStore } from './store/decisions.ts';
import { createFindingStore } from './store/findings.ts';
import { createJobStore } from './store/jobs.ts';
import { createPendingStore } from './store/pending.ts';
import { createStateStore } from './store/state.ts';
import { createTransactions } from './store/transaction.ts';

const LARGEST_BODY = 1024 * 1024;
const LEASE_MS = 10_000;
const itself = { principal: { id: 'git', role: 'admin', client: null }, requestId: null } as const;

/** The vault's history: what changes is committed, and what was can be seen and brought back. */
export const gitService = defineService({
  contract: gitContract,
  settings: GitSettings,
  statuses,
  bodyLimit: LARGEST_BODY,
  needs: ['file'],
  store: { migrations: fileURLToPath(new URL('../prisma/migrations', import.meta.url)), clients: prismaClients },

  create({
    settings,
    runtime,
    log,
    clients,
    vaultId,
    vaultPath,
    outbox,
    wakeRelay,
    metrics,
    stopping,
    workers,
    ...context
  }) {
    if (vaultPath === undefined || !statSync(vaultPath, { throwIfNoEntry: false })?.isDirectory()) {
      throw new SettingError('VAULT_PATH', 'a folder that exists', JSON.stringify(vaultPath ?? ''));
    }
    const database = context.database as GitDatabase;
    const transactions = createTransactions(database);
    const folder = realpathSync(vaultPath);
    const report = (message: string, error: unknown) => log.warn({ err: error }, message);
    const pending = createPendingStore(database, vaultId);
    const findings = createFindingStore(database, vaultId);
    const state = createStateStore(database, vaultId);
    const git = createGit(folder);
    const repository = createRepository(git, folder);
    /** For what people ask: however many wait for their turn, no commit waits behind them. */
    const shown = createRepository(createGit(folder), folder);
    const scratch = join(context.dataDir, 'git');
    // What git makes has the mode that the umask says.
    makePrivateFolder(scratch);
    const index = createPrivateIndex(repository, join(scratch, 'index'));
    const indexLock = createIndexLock(repository.gitDirectory, runtime);
    const userIndex = createUserIndex(repository, indexLock, join(scratch, 'user-index'));
    const hooks = createHooks({
      repository,
      isEnabled: settings.GIT_COMMIT_HOOKS,
      timeout: settings.GIT_COMMIT_HOOK_TIMEOUT * 1000,
      report,
    });
    const signing = createSigning(repository, settings.GIT_COMMIT_SIGN);
    const refusal = createRefusal(runtime);
    const texts = createTextMerge(git, join(scratch, 'merge'));
    const places = createPlaces(git, folder, runtime);
    const rules = createRules(folder);
    const contents = createContents(shown);
    const shared = {
      repository,
      index,
      indexLock,
      userIndex,
      hooks,
      signing,
      refusal,
      database: transactions,
      pending,
      findings,
      state,
      outbox,
      wakeRelay,
      runtime,
      report,
    };
    const decisions = createDecisions({
      ...shared,
      decisions: createDecisionStore(database, vaultId),
      resume: (decision, mandate) => sync.resume(decision, mandate),
    });
    const validation = createValidation({ repository, index, rules });
    const committing = createCommitting({
      ...shared,
      decisions,
      making: createMaking({ ...shared, decisions }),
      judging: createJudging({ ...shared, validation }),
    });
    const { GIT_SYNC_REMOTE: remoteName } = settings;
    const sync: Sync = createSync({
      ...shared,
      remote: remoteName === undefined ? undefined : createRemote(repository, remoteName),
      mode: settings.GIT_SYNC_MODE,
      interval: settings.GIT_SYNC_INTERVAL * 1000,
      committing,
      decisions,
      held: createHeldFiles(shared),
      bringIn: createBringIn({
        git,
        places,
        unwatched: userIndex.unwatched,
        bringNotes: createBringNotes({
          files: clients.file,
          planFile: createPlanFile({ contents: createContents(repository), files: clients.file, texts }),
        }),
        bringOthers: createBringOthers({ repository, index, places }),
      }),
      asGit: (work) => inCallContext(itself, work),
    });
    const jobs = createJobs({
      ...shared,
      store: createJobStore(database, vaultId),
      committing,
      sync,
      wake: () => worker.wake(),
    });
    const worker = createCommitWorker({
      ...shared,
      committing,
      decisions,
      sync,
      jobs,
      maintenance: createMaintenance(shared),
      rules,
      workers,
      lease: { database, name: `committing:${vaultId}`, durationMs: LEASE_MS },
      precedence: context.precedence,
      settings: {
        autoCommit: settings.GIT_AUTO_COMMIT,
        autoInit: settings.GIT_AUTO_INIT,
        quiet: settings.GIT_COMMIT_QUIET_MS,
        maxWait: settings.GIT_COMMIT_MAX_WAIT_MS,
        isShared: database.provider === 'postgresql',
      },
    });
    const status = createStatus({
      ...shared,
      repository: shown,
      rules,
      settings,
      waiting: () => context.bus.depth(QUEUE),
      lastFailure: worker.lastFailure,
    });
    metrics.gauge('weave_git_pending_changes', 'Changes that are not committed yet.', async () => {
      return (await pending.times()).total;
    });

    return {
      routes(app) {
        actionRoutes(app, {
          repository: shown,
          status,
          jobs,
          restore: createRestore({ contents, files: clients.file }),
          stopping,
        });
        historyRoutes(app, {
          repository: shown,
          history: createHistory(shown),
          diffs: createDiffs(shown),
          contents,
        });
      },
      dependencies: { repository: () => degradedBy(worker.lastFailure()) },
      consumers: [
        vaultFileConsumer({
          pending,
          state,
          runtime,
          isKept: () => settings.GIT_AUTO_COMMIT && (settings.GIT_AUTO_INIT || existsSync(join(folder, '.git'))),
          onApplied: () => {
            if (!worker.isFailing()) worker.wake();
          },
        }),
      ],
      async start() {
        index.clear();
        texts.clear();
        worker.start();
      },
      stop: worker.stop,
    };
  },
});
