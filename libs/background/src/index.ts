import { fileURLToPath } from 'node:url';

/** The migrations of `background_job` and `background_schedule`, which every service's database has. */
export const backgroundMigrations = fileURLToPath(new URL('../migrations', import.meta.url));

export { Mutex, Semaphore } from 'async-mutex';
export { BackgroundError, type BackgroundErrorCode } from './errors.ts';
export { defineJob, type JobDefinition, type JobStep, type StepContext } from './jobs/definition.ts';
export type {
  Job,
  JobFailure,
  JobProgress,
  JobRequest,
  JobState,
  Json,
} from './jobs/job.ts';
export { createJobs, type Jobs, type JobsOptions } from './jobs/jobs.ts';
export type { JobFilter } from './jobs/store.ts';
export { createKeyedMutex, type KeyedMutex } from './keyed-mutex.ts';
export { type AfterDowntime, defineSchedule, type Schedule } from './schedules/schedule.ts';
export {
  startWorker,
  type Worker,
  type WorkerContext,
  type WorkerLease,
  type WorkerLog,
  type WorkerOptions,
} from './worker.ts';
