import type { Job, Schedule, ServiceJobsQuery, Tool } from './schemas.ts';

/** What every service answers others. All of it covers only what the caller may see. */
export interface EveryServiceApi {
  jobs: {
    /** The newest first. */
    list(query: ServiceJobsQuery): Promise<Job[]>;
    /** ClientError 404 `job-not-found`. */
    find(id: string): Promise<Job>;
    /** Requests that a job is cancelled; ClientError 404 `job-not-found`, 409 `job-ended`. */
    cancel(id: string): Promise<Job>;
  };
  schedules(): Promise<Schedule[]>;
  tools: {
    list(): Promise<Tool[]>;
    /** Calls an MCP tool; ClientError with the service's own code. */
    call(name: string, input: unknown): Promise<unknown>;
  };
}
