import {
  createJobs,
  type Job,
  type JobDefinition,
  type JobRequest,
  type Jobs,
  type Json,
  type Schedule,
  type WorkerContext,
} from '@weave-nn/background';
import type { Database, Sql } from '@weave-nn/database';
import { StartError } from '../errors.ts';
import { callContext, inCallContext } from '../security/call-context.ts';
import type { Principal } from '../security/identity.ts';

type ServiceJobRequest = Omit<JobRequest, 'caller'>;

/** How a service starts jobs of its own kinds, on behalf of whoever it works for at the time. */
export interface JobStarter {
  /**
   * Adds a job in the caller's transaction; it is begun once that has been committed and `wake` was called, or a second
   * later.
   *
   * @returns the job, or the unfinished one that has its key
   * @throws BackgroundError `job-unknown`, `job-input-invalid`
   */
  add(sql: Sql, request: ServiceJobRequest): Promise<Job>;
  /** The same in a transaction of its own, and at once. */
  start(request: ServiceJobRequest): Promise<Job>;
  wake(): void;
  /** The unfinished jobs of a kind, the newest first. */
  unfinished(kind: string): Promise<Job[]>;
}

const MAX_LISTED = 1_000;

function callerOf({ id, role, scopes, client }: Principal): Json {
  return { id, role, client, ...(scopes ? { scopes } : {}) };
}

/** Does the work of a job for whom it was requested; that of a schedule is the service's own. */
function onBehalfOf<Result>(caller: Json, work: () => Promise<Result>): Promise<Result> {
  if (caller === null) return work();
  // Stored by `callerOf`.
  return inCallContext({ principal: caller as unknown as Principal, requestId: null }, work);
}

export interface ServiceJobsOptions {
  database: Database;
  vaultId: string;
  workers: WorkerContext;
  observeJob(kind: string, state: string, seconds: number): void;
}

/** The jobs of a service: a starter for the service itself, which is there before the kinds of its jobs are known. */
export function createServiceJobs(options: ServiceJobsOptions) {
  const { database, vaultId, workers, observeJob } = options;
  let defined: Jobs | undefined;

  function jobs(): Jobs {
    if (defined) return defined;
    throw new StartError('jobs-undefined', 'no job can be started before the service has been created');
  }

  const withCaller = (request: ServiceJobRequest): JobRequest => ({
    ...request,
    caller: callerOf(callContext().principal),
  });

  const starter: JobStarter = {
    add: (sql, request) => jobs().add(sql, withCaller(request)),
    start: (request) => jobs().start(withCaller(request)),
    wake: () => jobs().wake(),
    async unfinished(kind) {
      const listed = await jobs().list({ kinds: [kind], limit: MAX_LISTED });
      return listed.filter(({ endedAt }) => endedAt === null);
    },
  };

  return {
    starter,
    /** Says which kinds of jobs and which schedules there are. */
    define(definitions: readonly JobDefinition[], schedules: readonly Schedule[]): Jobs {
      defined = createJobs({ database, vaultId, definitions, schedules, onBehalfOf, observeJob, ...workers });
      return defined;
    },
  };
}
