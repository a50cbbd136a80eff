import { createCheck, type Static, type TSchema } from '@weave-nn/config';
import { BackgroundError } from '../errors.ts';
import type { Job, JobProgress, Json } from './job.ts';

/** What a step is given. */
export interface StepContext<Input = unknown> {
  job: Pick<Job, 'id' | 'kind' | 'attempt' | 'caller'>;
  input: Input;
  /** What each completed step returned, by its name. */
  results: ReadonlyMap<string, Json>;
  /** Aborted when the job is cancelled, or goes on in another process. */
  signal: AbortSignal;
  /** Says how far the job is; stored twice a second at most. */
  reportProgress(progress: JobProgress): void;
}

/** What a job does next. */
export interface JobStep<Input = unknown> {
  name: string;
  /** How often it is tried before the job fails; 1 when left out. */
  maxAttempts?: number;
  /**
   * Its effect. It is repeated when the process dies before its end is stored, so that doing it twice must be the same
   * as doing it once.
   */
  run(context: StepContext<Input>): Promise<Json> | Promise<void>;
  /** Undoes the effect when a later step fails or the job is cancelled; repeatable as `run` is. */
  compensate?(context: StepContext<Input>): Promise<void>;
}

/** A kind of jobs. */
export interface JobDefinition {
  kind: string;
  steps: readonly JobStep[];
  /** How many of it run at a time in a service. */
  concurrency: number;
  /** @throws BackgroundError `job-input-invalid` */
  assertInput(input: unknown): void;
}

/**
 * Defines a kind of jobs.
 *
 * @param options.input the schema of its input
 * @param options.concurrency how many run at a time; 1 when left out
 */
export function defineJob<Schema extends TSchema>(options: {
  kind: string;
  input: Schema;
  concurrency?: number;
  steps: readonly JobStep<Static<Schema>>[];
}): JobDefinition {
  const { kind, steps, concurrency = 1 } = options;
  const check = createCheck(options.input);
  return {
    kind,
    concurrency,
    // The input of every job of the kind was checked when it was added.
    steps: steps as readonly JobStep[],
    assertInput(input) {
      const violation = check.violation(input);
      if (!violation) return;
      const where = violation.path === '' ? 'its input' : violation.path.slice(1).replaceAll('/', '.');
      throw new BackgroundError('job-input-invalid', `${kind}: ${where} ${violation.message}`);
    },
  };
}
