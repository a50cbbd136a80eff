import { fileURLToPath } from 'node:url';
import { createKeyedMutex } from '@weave-nn/background';
import { taskContract } from '@weave-nn/clients';
import { defineService } from '@weave-nn/service';
import { readStatuses, readTimeZone, TaskSettings } from './config.ts';
import { vaultFileConsumer } from './consumers/vault-files.ts';
import { createChanges } from './domain/change/changes.ts';
import { createComments } from './domain/comments.ts';
import { createDays } from './domain/days.ts';
import { createListing } from './domain/listing.ts';
import { createNoteFiles } from './domain/notes/note-files.ts';
import { createNoteSync } from './domain/notes/note-sync.ts';
import { createReconciliation } from './domain/notes/reconciliation.ts';
import { createPresent } from './domain/present.ts';
import { createUpkeep } from './domain/upkeep.ts';
import { statuses } from './errors.ts';
import { internalRoutes } from './routes/internal.ts';
import { projectRoutes } from './routes/projects.ts';
import { taskRoutes } from './routes/tasks.ts';
import { clients as prismaClients, type TaskDatabase } from './store/client.ts';
import { createCommentStore } from './store/comments.ts';
import { createNoteStore } from './store/notes.ts';
import { createPinStore } from './store/pins.ts';
import { createProjectStore } from './store/projects.ts';
import { createRequestStore } from './store/requests.ts';
import { createTaskLists } from './store/task-lists.ts';
import { createTaskStore } from './store/tasks.ts';
import { createTransactions } from './store/transaction.ts';

const LARGEST_BODY = 4 * 1024 * 1024;
/** Milliseconds after which another process tells what is due when this one has died. */
const LEASE_MS = 6_000;

/** Tasks, those that live in notes and those that live here, with their projects and comments. */
export const taskService = defineService({
  contract: taskContract,
  settings: TaskSettings,
  statuses,
  bodyLimit: LARGEST_BODY,
  needs: ['file'],
  store: { migrations: fileURLToPath(new URL('../prisma/migrations', import.meta.url)), clients: prismaClients },

  create({ settings, bus, clients, runtime, metrics, vaultId, outbox, wakeRelay, workers, ...context }) {
    const database = context.database as TaskDatabase;
    const transactions = createTransactions(database);
    const days = createDays(runtime, readTimeZone(settings.TASK_TIME_ZONE));
    const tasks = createTaskStore(database, vaultId);
    const notes = createNoteStore(database, vaultId);
    const pins = createPinStore(database, vaultId);
    const projects = createProjectStore(database, vaultId);
    const requests = createRequestStore(database, vaultId);
    const comments = createCommentStore(database, vaultId);
    const files = createNoteFiles(clients.file, readStatuses(settings.TASK_STATUSES));
    const sync = createNoteSync({ tasks, notes, pins, outbox, runtime, days });
    const upkeep = createUpkeep({
      database: transactions,
      tasks,
      pins,
      requests,
      outbox,
      workers,
      lease: { database, name: `upkeep:${vaultId}`, durationMs: LEASE_MS },
      days,
      soon: settings.TASK_DUE_SOON_DAYS,
      wakeRelay,
    });
    function onChanged() {
      wakeRelay();
      upkeep.wake();
    }
    const shared = {
      database: transactions,
      tasks,
      notes,
      pins,
      projects,
      requests,
      sync,
      outbox,
      runtime,
      days,
      workers,
      onChanged,
    };
    const present = createPresent({ ...shared, files });
    const changes = createChanges({ ...shared, present, files, mutex: createKeyedMutex() });
    const reconciliation = createReconciliation({ ...shared, files: clients.file, noteFiles: files });
    const waiting = () => bus.depth('task_sync');
    metrics.gauge('weave_task_lag_events', 'Events that the tasks have not applied yet.', waiting);

    return {
      routes(app) {
        taskRoutes(app, {
          changes,
          comments: createComments({ ...shared, comments }),
          listing: createListing(createTaskLists(database, vaultId)),
          async find(id) {
            const [task] = await tasks.find(database.read, [id]);
            return task?.state === 'live' ? task : undefined;
          },
          uuid: runtime.uuid,
        });
        projectRoutes(app, { projects, database: transactions, runtime, days });
        internalRoutes(app, {
          status: async () => ({
            tasks: await tasks.count(),
            notes: await notes.count(),
            waiting: (await clients.file.status()).unsent + (await waiting()),
            comparing: reconciliation.isComparing(),
          }),
          verify: () => reconciliation.verify(),
        });
      },
      consumers: [vaultFileConsumer({ files, sync, onApplied: onChanged })],
      async start() {
        upkeep.start();
        reconciliation.start();
      },
      async stop() {
        await Promise.all([reconciliation.stop(), upkeep.stop()]);
      },
    };
  },
});
