import type { Database, Sql, Term } from '@weave-nn/database';
import { BackgroundError } from '../errors.ts';
import { type Schedule, startDueJobs } from '../schedules/schedule.ts';
import { startWorker, type Worker, type WorkerContext } from '../worker.ts';
import type { JobDefinition } from './definition.ts';
import { executeJob } from './execute.ts';
import type { Job, JobRequest, Json } from './job.ts';
import { createJobStore, type JobFilter } from './store.ts';

/** How soon a job is begun, or cancelled, that another process was asked for. */
const POLL_INTERVAL_MS = 1_000;
const DEFAULT_LEASE_MS = 6_000;
const MAX_UNFINISHED = 1_000;
const PRUNE_INTERVAL_MS = 3_600_000;
const RETENTION_MS = 30 * 24 * 3_600_000;

export interface JobsOptions extends WorkerContext {
  database: Database;
  vaultId: string;
  definitions: readonly JobDefinition[];
  schedules: readonly Schedule[];
  /** Runs the work of a job on its caller's behalf. */
  onBehalfOf?<Result>(caller: Json, work: () => Promise<Result>): Promise<Result>;
  /** Milliseconds after which another process takes over from one that died; 6,000 when left out. */
  leaseMs?: number;
  /** Called when a job has ended, for metrics. */
  observeJob?(kind: string, state: string, seconds: number): void;
}

/** The jobs of one service. */
export interface Jobs {
  /**
   * Adds a job in the caller's transaction; it is begun once that has been committed.
   *
   * @returns the job, or the unfinished one that has its key
   * @throws BackgroundError `job-unknown`, `job-input-invalid`
   */
  add(sql: Sql, request: JobRequest): Promise<Job>;
  /** The same in a transaction of its own, and at once. */
  start(request: JobRequest): Promise<Job>;
  /** @throws BackgroundError `job-not-found` */
  find(id: string): Promise<Job>;
  list(filter: JobFilter): Promise<Job[]>;
  /**
   * Asks for a job to be cancelled; it compensates what it has done and ends.
   *
   * @throws BackgroundError `job-not-found`, `job-ended`
   */
  cancel(id: string): Promise<Job>;
  /** Each schedule with its next due time in milliseconds since 1970, and the job that it started last. */
  schedules(): Promise<{ name: string; nextAt: number | null; lastJob: string | null }[]>;
  /** Lets what was added begin without waiting for the next poll. */
  wake(): void;
  /** Begins to work on jobs, in one process of the service at a time. */
  run(): void;
  stop(): Promise<void>;
}

interface Running {
  kind: string;
  cancel: AbortController;
  ended: Promise<void>;
}

/** Creates the jobs and schedules of a service, over the tables of this library in the service's database. */
export function createJobs(options: JobsOptions): Jobs {
  const { database, vaultId, definitions, runtime, log } = options;
  const store = createJobStore(database, vaultId);
  const byKind = new Map(definitions.map((definition) => [definition.kind, definition]));
  const running = new Map<string, Running>();
  let worker: Worker | undefined;
  let pruneAt = 0;

  const wake = () => worker?.wake();

  async function add(sql: Sql, { kind, input, caller, key }: JobRequest): Promise<Job> {
    const definition = byKind.get(kind);
    if (!definition) throw new BackgroundError('job-unknown', `there are no jobs of the kind ${kind} here`);
    definition.assertInput(input);
    const job: Job = {
      id: runtime.uuid(),
      kind,
      input,
      caller,
      state: 'queued',
      attempt: 0,
      isCancelRequested: false,
      steps: [],
      progress: null,
      result: null,
      error: null,
      createdAt: runtime.now(),
      startedAt: null,
      heartbeatAt: null,
      endedAt: null,
    };
    if (await store.insert(sql, job, key ?? null)) return job;
    const unfinished = await store.findUnfinished(sql, kind, key ?? '');
    // The one in the way has ended in between.
    return unfinished ?? add(sql, { kind, input, caller, ...(key === undefined ? {} : { key }) });
  }

  async function find(id: string): Promise<Job> {
    const job = await store.find(id);
    if (job) return job;
    throw new BackgroundError('job-not-found', `there is no job ${id.slice(0, 100)}`);
  }

  async function execute(job: Job, definition: JobDefinition, term: Term, cancelled: AbortSignal): Promise<void> {
    const begun = runtime.monotonic();
    log.info({ job: job.id, kind: job.kind, attempt: job.attempt + 1 }, 'job started');
    const work = () =>
      executeJob(job, definition, {
        runtime,
        log,
        term,
        cancelled,
        save: (changed) =>
          database.transaction(async (sql) => {
            await term.fence(sql);
            await store.save(sql, changed);
          }),
      });
    const { state, error } = await (options.onBehalfOf?.(job.caller, work) ?? work());
    const seconds = (runtime.monotonic() - begun) / 1000;
    log.info({ job: job.id, kind: job.kind, state, seconds, ...(error ? { error } : {}) }, 'job ended');
    options.observeJob?.(job.kind, state, seconds);
  }

  function begin(job: Job, definition: JobDefinition, term: Term): void {
    const cancel = new AbortController();
    const ended = execute(job, definition, term, cancel.signal)
      .catch((error) => log.warn({ job: job.id, err: error }, 'a job was interrupted; it is continued'))
      .finally(() => {
        running.delete(job.id);
        wake();
      });
    running.set(job.id, { kind: job.kind, cancel, ended });
  }

  async function beginJobs(term: Term): Promise<void> {
    for (const job of await store.unfinished(MAX_UNFINISHED)) {
      const known = running.get(job.id);
      if (job.isCancelRequested) known?.cancel.abort();
      const definition = byKind.get(job.kind);
      if (known || !definition) continue;
      const atOnce = [...running.values()].filter(({ kind }) => kind === job.kind).length;
      if (atOnce >= definition.concurrency) continue;
      begin(job, definition, term);
      if (job.isCancelRequested) running.get(job.id)?.cancel.abort();
    }
  }

  async function prune(): Promise<void> {
    if (runtime.monotonic() < pruneAt) return;
    pruneAt = runtime.monotonic() + PRUNE_INTERVAL_MS;
    await store.prune(runtime.now() - RETENTION_MS);
  }

  async function round(term: Term): Promise<number> {
    const next = await startDueJobs(options.schedules, { store, database, term, runtime, log, add });
    await beginJobs(term);
    await prune();
    return Math.min(POLL_INTERVAL_MS, next);
  }

  return {
    add,
    async start(request) {
      const job = await database.transaction((sql) => add(sql, request));
      wake();
      return job;
    },
    find,
    list: store.list,
    async cancel(id) {
      if (!(await store.requestCancel(id))) {
        const { state } = await find(id);
        throw new BackgroundError('job-ended', `the job ${id} has ended as ${state} already`);
      }
      wake();
      return find(id);
    },
    async schedules() {
      const known = new Map((await store.schedules()).map((row) => [row.name, row]));
      return options.schedules.map(({ name, next }) => ({
        name,
        nextAt: next(known.get(name)?.doneUntil ?? runtime.now()) ?? null,
        lastJob: known.get(name)?.lastJob ?? null,
      }));
    },
    wake,
    run() {
      worker ??= startWorker({
        ...options,
        name: 'jobs',
        intervalMs: POLL_INTERVAL_MS,
        lease: { database, name: `jobs:${vaultId}`, durationMs: options.leaseMs ?? DEFAULT_LEASE_MS },
        run: round,
        async onTermEnd() {
          await Promise.all([...running.values()].map(({ ended }) => ended));
        },
      });
    },
    async stop() {
      await worker?.stop();
    },
  };
}
