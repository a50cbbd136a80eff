import { backoff, pause, type Runtime } from '@weave-nn/config';
import type { Term } from '@weave-nn/database';
import type { WorkerLog } from '../worker.ts';
import type { JobDefinition, JobStep, StepContext } from './definition.ts';
import type { CompletedStep, Job, JobFailure, JobProgress, JobState } from './job.ts';

const INITIAL_BACKOFF_MS = 500;
const MAX_BACKOFF_MS = 30_000;
const PROGRESS_INTERVAL_MS = 500;
const MAX_COMPENSATION_ATTEMPTS = 5;
/** A job that has ended so many processes is not given to another one. */
export const MAX_JOB_ATTEMPTS = 5;

const CANCELLED: JobFailure = { code: 'job-cancelled', message: 'cancelled on request' };

export interface ExecuteOptions {
  runtime: Runtime;
  log: WorkerLog;
  term: Term;
  /** Aborted when somebody asks to cancel the job. */
  cancelled: AbortSignal;
  /** Stores the job, as long as this process is the one that works on it. */
  save(job: Job): Promise<void>;
}

/** An error as a job tells of it. */
function toFailure(error: unknown): JobFailure {
  const { code, message } = error as { code?: unknown; message?: unknown };
  return {
    code: typeof code === 'string' ? code : 'job-step-failed',
    message: typeof message === 'string' ? message : String(error),
  };
}

/**
 * Works on a job until it has ended, from the step on that it is in.
 *
 * @returns the job as it ended, or as it is to be continued when the term has ended first
 */
export async function executeJob(given: Job, definition: JobDefinition, options: ExecuteOptions): Promise<Job> {
  const { runtime, log, term, cancelled } = options;
  let job = given;

  async function change(changes: Partial<Job>): Promise<void> {
    job = { ...job, ...changes, heartbeatAt: runtime.now() };
    await options.save(job);
  }

  let savedAt = runtime.monotonic();
  let saving: Promise<void> = Promise.resolve();
  /** Progress is only ever shown: a failure to store it is left to the next change to meet. */
  function reportProgress(progress: JobProgress): void {
    job = { ...job, progress };
    if (runtime.monotonic() - savedAt < PROGRESS_INTERVAL_MS) return;
    savedAt = runtime.monotonic();
    saving = saving
      .then(() => change({}))
      .catch((error) => log.warn({ job: job.id, err: error }, 'the progress of a job could not be stored'));
  }

  function contextWith(signal: AbortSignal, steps: readonly CompletedStep[]): StepContext {
    return {
      job,
      input: job.input,
      results: new Map(steps.map(({ name, result }) => [name, result])),
      signal,
      reportProgress,
    };
  }

  async function runStep(step: JobStep): Promise<void> {
    const signal = AbortSignal.any([term.signal, cancelled]);
    for (let attempt = 1; ; attempt++) {
      try {
        signal.throwIfAborted();
        const result = (await step.run(contextWith(signal, job.steps))) ?? null;
        await saving;
        return await change({ steps: [...job.steps, { name: step.name, result }] });
      } catch (error) {
        if (signal.aborted || attempt >= (step.maxAttempts ?? 1)) throw error;
        log.warn({ job: job.id, step: step.name, err: error }, 'a step of a job failed; it is repeated');
        await pause(runtime, backoff(runtime, attempt, INITIAL_BACKOFF_MS, MAX_BACKOFF_MS), signal);
      }
    }
  }

  /** @returns why the job is to be compensated; undefined when every step is done */
  async function runSteps(): Promise<JobFailure | undefined> {
    for (const step of definition.steps.slice(job.steps.length)) {
      try {
        await runStep(step);
      } catch (error) {
        if (term.signal.aborted) throw error;
        await saving;
        return cancelled.aborted ? CANCELLED : toFailure(error);
      }
    }
    return undefined;
  }

  /** @returns the message of the last error; undefined when the step is compensated */
  async function compensateStep(step: JobStep | undefined): Promise<string | undefined> {
    for (let attempt = 1; step?.compensate; attempt++) {
      try {
        term.signal.throwIfAborted();
        await step.compensate(contextWith(term.signal, job.steps));
        return undefined;
      } catch (error) {
        if (term.signal.aborted) throw error;
        log.warn({ job: job.id, step: step.name, err: error }, 'a step of a job could not be compensated');
        if (attempt >= MAX_COMPENSATION_ATTEMPTS) return toFailure(error).message;
        await pause(runtime, backoff(runtime, attempt, INITIAL_BACKOFF_MS, MAX_BACKOFF_MS), term.signal);
      }
    }
    return undefined;
  }

  async function compensate(failure: JobFailure): Promise<void> {
    if (job.error === null) await change({ error: failure });
    for (let last = job.steps.at(-1); last; last = job.steps.at(-1)) {
      const { name } = last;
      const message = await compensateStep(definition.steps.find((step) => step.name === name));
      const { error } = job;
      const uncompensated = [
        ...(error?.uncompensated ?? []),
        ...(message === undefined ? [] : [{ step: name, message }]),
      ];
      const withStep = error && uncompensated.length > 0 ? { ...error, uncompensated } : error;
      await change({ steps: job.steps.slice(0, -1), error: withStep });
    }
  }

  async function end(state: JobState): Promise<Job> {
    const result = job.steps.at(-1)?.result ?? null;
    await change({ state, endedAt: runtime.now(), result: state === 'succeeded' ? result : null });
    return job;
  }

  async function work(): Promise<Job> {
    const isAbandoned = job.attempt >= MAX_JOB_ATTEMPTS;
    await change({ state: 'running', attempt: job.attempt + 1, startedAt: job.startedAt ?? runtime.now() });
    const failure = job.error ?? (isAbandoned ? abandoned(job, definition) : await runSteps());
    if (failure === undefined) return end('succeeded');
    await compensate(failure);
    return end(failure.code === CANCELLED.code ? 'cancelled' : 'failed');
  }

  try {
    return await work();
  } catch (error) {
    if (!term.signal.aborted) throw error;
    await saving;
    // An end in order is no attempt; what cannot be stored is counted as one.
    job = { ...job, state: 'queued', attempt: job.attempt - 1 };
    await options.save(job).catch((failed) => log.warn({ job: job.id, err: failed }, 'a job could not be given back'));
    return job;
  }
}

function abandoned(job: Job, { steps }: JobDefinition): JobFailure {
  const step = steps[job.steps.length]?.name ?? 'its last step';
  return {
    code: 'job-abandoned',
    message: `${job.attempt} processes ended while they worked on it, the last one in the step ${step}`,
  };
}
