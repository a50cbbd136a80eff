import { BackgroundError, type Job, type Jobs } from '@weave-nn/background';
import {
  Job as JobView,
  lackAtService,
  type ServiceContract,
  ServiceJobs,
  ServiceJobsQuery,
  ServiceSchedules,
} from '@weave-nn/clients';
import { type Static, Type } from '@weave-nn/config';
import type { App } from '../http/fastify-app.ts';
import type { Principal } from '../security/identity.ts';

const params = Type.Object({ id: Type.String({ maxLength: 100 }) });

const timeOrNull = (milliseconds: number | null) =>
  milliseconds === null ? null : new Date(milliseconds).toISOString();

function nameOf(caller: Job['caller']): string | null {
  const { id } = (caller ?? {}) as { id?: string };
  return id ?? null;
}

function presentJob(service: string, job: Job): Static<typeof JobView> {
  return {
    id: job.id,
    service,
    kind: job.kind,
    state: job.state,
    input: job.input,
    progress: job.progress,
    completedSteps: job.steps.map(({ name }) => name),
    attempt: job.attempt,
    cancelRequested: job.isCancelRequested,
    result: job.result,
    error: job.error,
    requestedBy: nameOf(job.caller),
    createdAt: new Date(job.createdAt).toISOString(),
    startedAt: timeOrNull(job.startedAt),
    endedAt: timeOrNull(job.endedAt),
  };
}

/**
 * The routes of a service's jobs and schedules. A caller sees the jobs of the kinds whose needs it meets.
 *
 * @param jobs undefined for a service without a store, which has none
 */
export function jobRoutes(app: App, { name, jobs: needs }: ServiceContract, jobs: Jobs | undefined): void {
  function visibleKinds(principal: Principal): string[] {
    return Object.entries(needs).flatMap(([kind, need]) => (lackAtService(principal, need) ? [] : [kind]));
  }

  /** @throws BackgroundError `job-not-found` also for a job that the caller may not see */
  async function findVisible(id: string, principal: Principal): Promise<Job> {
    const job = await jobs?.find(id);
    if (job && visibleKinds(principal).includes(job.kind)) return job;
    throw new BackgroundError('job-not-found', `there is no job ${id}`);
  }

  app.get('/internal/jobs', {
    schema: { hide: true, querystring: ServiceJobsQuery, response: { 200: ServiceJobs } },
    async handler({ query: { kind, ...filter }, principal }) {
      const kinds = visibleKinds(principal).filter((each) => kind === undefined || each === kind);
      const listed = (await jobs?.list({ kinds, ...filter })) ?? [];
      return { items: listed.map((job) => presentJob(name, job)) };
    },
  });
  app.get('/internal/jobs/:id', {
    schema: { hide: true, params, response: { 200: JobView } },
    handler: async ({ params: { id }, principal }) => presentJob(name, await findVisible(id, principal)),
  });
  app.post('/internal/jobs/:id/cancel', {
    schema: { hide: true, params, response: { 200: JobView } },
    async handler(request) {
      const job = await findVisible(request.params.id, request.principal);
      const cancelled = (await jobs?.cancel(job.id)) ?? job;
      request.log.info({ job: job.id, kind: job.kind, by: request.principal }, 'cancellation of a job requested');
      return presentJob(name, cancelled);
    },
  });
  app.get('/internal/schedules', {
    schema: { hide: true, response: { 200: ServiceSchedules } },
    async handler() {
      const listed = (await jobs?.schedules()) ?? [];
      return {
        items: listed.map((schedule) => ({
          name: schedule.name,
          service: name,
          nextAt: timeOrNull(schedule.nextAt),
          lastJobId: schedule.lastJob,
        })),
      };
    },
  });
}
