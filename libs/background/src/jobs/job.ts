/** What JSON can say. */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [name: string]: Json };

export type JobState = 'queued' | 'running' | 'succeeded' | 'failed' | 'cancelled';

/** How far a job is. */
export interface JobProgress {
  done: number;
  /** Absent while nobody knows. */
  total?: number;
  message?: string;
}

/** Why a job did not succeed. */
export interface JobFailure {
  code: string;
  message: string;
  /** Steps whose compensation failed as well, each with its error. */
  uncompensated?: { step: string; message: string }[];
}

/** A step that a job has completed. */
export interface CompletedStep {
  name: string;
  result: Json;
}

/** A long run of work that outlives requests and processes. */
export interface Job {
  id: string;
  kind: string;
  input: Json;
  /** On whose behalf it runs, as its service describes a caller. */
  caller: Json;
  state: JobState;
  /** How many processes have begun to work on it; one that stopped in order is not counted. */
  attempt: number;
  isCancelRequested: boolean;
  /** In their order. While the job compensates, those that are still to be undone. */
  steps: readonly CompletedStep[];
  progress: JobProgress | null;
  /** What its last step returned. */
  result: Json;
  /** Set as soon as it begins to compensate. */
  error: JobFailure | null;
  /** Milliseconds since 1970, as all times here. */
  createdAt: number;
  startedAt: number | null;
  heartbeatAt: number | null;
  endedAt: number | null;
}

/** What a job is to do. */
export interface JobRequest {
  kind: string;
  input: Json;
  /** On whose behalf. */
  caller: Json;
  /** Where only one at a time is meant to run: while a job with the same key is unfinished, that is the one. */
  key?: string;
}
