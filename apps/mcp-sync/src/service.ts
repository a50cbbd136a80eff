import { fileURLToPath } from 'node:url';
import { startWorker, type Worker } from '@weave-nn/background';
import { mcpSyncContract } from '@weave-nn/clients';
import { createSignal } from '@weave-nn/config';
import type { Subscription } from '@weave-nn/events';
import { defineService } from '@weave-nn/service';
import { McpSyncSettings } from './config.ts';
import { auditConsumer } from './consumers/audit.ts';
import { takeDeadLetters } from './consumers/dead-letters.ts';
import { followIndexChanges } from './consumers/index-changes.ts';
import { vaultFileConsumer } from './consumers/vault-files.ts';
import { createAnswers } from './domain/answers.ts';
import { indexFiles } from './domain/index-files.ts';
import { createLag } from './domain/lag.ts';
import { createRebuildJob, INDEX_REBUILD } from './domain/rebuild-job.ts';
import { createReplays } from './domain/replays.ts';
import { verifyReadSide } from './domain/verification.ts';
import { createWaitApplied } from './domain/wait-applied.ts';
import { statuses } from './errors.ts';
import { deadLetterRoutes } from './routes/dead-letters.ts';
import { eventRoutes } from './routes/events.ts';
import { graphRoutes } from './routes/graph.ts';
import { internalRoutes } from './routes/internal.ts';
import { searchRoutes } from './routes/search.ts';
import { clients as prismaClients, type ReadSideDatabase } from './store/client.ts';
import { createDeadLetterStore } from './store/dead-letters.ts';
import { createEventLogStore } from './store/event-log.ts';
import { createGraphStore } from './store/graph.ts';
import { indexNotes } from './store/index-notes.ts';
import { createNoteStore } from './store/notes.ts';
import { createSearchStore } from './store/search.ts';

const LARGEST_BODY = 1024 * 1024;
const EMPTY_CHECK_INTERVAL_MS = 3_600_000;

/** The read side: search, the link graph, tags and the event log, fed by events. */
export const mcpSyncService = defineService({
  contract: mcpSyncContract,
  settings: McpSyncSettings,
  statuses,
  bodyLimit: LARGEST_BODY,
  needs: ['file'],
  store: {
    migrations: fileURLToPath(new URL('../prisma/migrations', import.meta.url)),
    thread: new URL('./consumers/thread.ts', import.meta.url),
    clients: prismaClients,
  },

  create({ database, bus, cache, clients, runtime, log, metrics, vaultId, version, stopping, jobs, workers }) {
    const search = createSearchStore(database, vaultId);
    const notes = createNoteStore(database, vaultId, search);
    const graph = createGraphStore(database, vaultId);
    const eventLog = createEventLogStore(database, vaultId);
    const deadLetters = createDeadLetterStore(database as ReadSideDatabase, vaultId);
    const replays = createReplays({ store: deadLetters, bus, workers });
    const answers = createAnswers(cache, version);
    const index = { provider: database.provider, vaultId };
    const rebuildJob = createRebuildJob({
      files: clients.file,
      notes,
      database,
      index: async (states) => database.perform(indexNotes, { ...index, ...(await indexFiles(states)) }),
      changed: answers.drop,
    });
    const rebuild = () => jobs.start({ kind: INDEX_REBUILD, key: INDEX_REBUILD, input: {} });
    const grown = createSignal();
    const applied = createSignal();
    const waitApplied = createWaitApplied({ appliedSequence: notes.appliedSequence, applied, runtime });
    let subscriptions: Subscription[] = [];
    let fillEmpty: Worker | undefined;
    const waiting = () => bus.depth('mcp_sync');
    const lag = createLag(waiting, runtime);
    metrics.gauge('weave_index_lag_events', 'Events that the index has not applied yet.', waiting);

    async function status() {
      const { unsent } = await clients.file.status();
      return {
        files: await answers.of(['files'], notes.count),
        // The log may be behind the index.
        waiting: unsent + Math.max(await waiting(), await bus.depth('audit')),
        position: await eventLog.newest(),
        deadLetters: await deadLetters.count(),
        rebuilding: (await jobs.unfinished(INDEX_REBUILD)).length > 0,
      };
    }

    return {
      routes(app) {
        app.addHook('onSend', async (request, reply) => {
          if (!request.url.startsWith('/v1/')) return;
          const events = await lag();
          if (events !== undefined) reply.header('x-index-lag', String(events));
        });
        searchRoutes(app, { search, runtime });
        graphRoutes(app, { graph, answers });
        eventRoutes(app, { log: eventLog, grown, runtime, stopping, shared: database.provider === 'postgresql' });
        deadLetterRoutes(app, { store: deadLetters, replays });
        internalRoutes(app, {
          status,
          verify: () => verifyReadSide(clients.file, notes, eventLog),
          rebuild,
          async waitApplied(path, sequence, timeout) {
            const isApplied = await waitApplied(path, sequence, timeout);
            // Whoever applied it has committed, and may be about to drop what was answered before.
            if (isApplied) await answers.drop();
            return isApplied;
          },
        });
      },
      consumers: [
        vaultFileConsumer({
          files: clients.file,
          index,
          async onApplied() {
            await answers.drop();
            applied.notify();
          },
        }),
        auditConsumer(eventLog, grown.notify),
      ],
      jobs: [rebuildJob],
      async start() {
        const report = (message: string, error: unknown) => log.warn({ err: error }, message);
        subscriptions = [await takeDeadLetters({ bus, store: deadLetters, runtime })];
        // Only PostgreSQL has several replicas that apply events, each of which drops what it has answered itself.
        if (database.provider === 'postgresql') {
          const { unapplied } = notes;
          subscriptions.push(await followIndexChanges({ bus, answers, unapplied, applied, runtime, report }));
        }
        replays.start();
        // A read side that was added later, or lost its database.
        fillEmpty = startWorker({
          ...workers,
          name: 'fill-empty-index',
          intervalMs: EMPTY_CHECK_INTERVAL_MS,
          async run() {
            if ((await notes.count()) === 0 && (await clients.file.status()).files > 0) await rebuild();
          },
        });
      },
      async stop() {
        await Promise.all([...subscriptions.map((each) => each.cancel()), replays.stop(), fillEmpty?.stop()]);
      },
    };
  },
});
