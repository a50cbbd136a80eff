import { Readable } from 'node:stream';
import { Job, JobPage, ListJobsQuery } from '@weave-nn/clients';
import { pause, type Runtime, Type } from '@weave-nn/config';
import { type App, inCallContext } from '@weave-nn/service';
import type { FastifyRequest } from 'fastify';
import type { GatewayJobs } from '../domain/jobs.ts';
import { callServices } from '../errors.ts';
import type { WatchStream } from './stream-watch.ts';

const DEFAULT_LIMIT = 100;
const POLL_INTERVAL_MS = 500;
const HEARTBEAT_MS = 15_000;
const tags = ['jobs'];
const params = Type.Object({ id: Type.String({ maxLength: 100 }) });

export interface JobRoutes {
  jobs: GatewayJobs;
  runtime: Runtime;
  watchStream: WatchStream;
  /** Aborted when the process stops; streams end then. */
  stopping: AbortSignal;
}

function onBehalfOf<Result>({ principal, id: requestId }: FastifyRequest, work: () => Promise<Result>) {
  return inCallContext({ principal, requestId }, () => callServices(work));
}

/** `/v1/jobs`: long runs of work, whichever service runs them. */
export function jobRoutes(app: App, { jobs, runtime, watchStream, stopping }: JobRoutes): void {
  app.get('/v1/jobs', {
    schema: {
      summary: 'List jobs, the newest first',
      description: 'Only jobs of kinds that the key may see. A service that does not answer is named in `unavailable`.',
      tags,
      querystring: ListJobsQuery,
      response: { 200: JobPage },
    },
    async handler(request) {
      const { limit = DEFAULT_LIMIT, ...query } = request.query;
      return onBehalfOf(request, () => jobs.list({ ...query, limit }));
    },
  });
  app.get('/v1/jobs/:id', {
    schema: {
      summary: 'A job and how far it is',
      description:
        'With `Accept: text/event-stream`, an event `job` with the same document whenever it has changed, until the job has ended.',
      tags,
      params,
      response: { 200: Job },
    },
    async handler(request, reply) {
      const job = await onBehalfOf(request, () => jobs.find(request.params.id));
      if (!request.headers.accept?.includes('text/event-stream')) return job;
      watchStream(request, reply);
      reply.header('cache-control', 'no-store').header('x-accel-buffering', 'no');
      reply.type('text/event-stream; charset=utf-8').serializer((body: string) => body);
      const gone = new AbortController();
      reply.raw.once('close', () => gone.abort());
      return reply.send(Readable.from(follow(request, job, AbortSignal.any([gone.signal, stopping]))) as never);
    },
  });
  app.post('/v1/jobs/:id/cancel', {
    schema: {
      summary: 'Request that a job is cancelled',
      description: 'The job undoes what it has done and ends as `cancelled`, unless it was about to end otherwise.',
      tags,
      params,
      response: { 202: Job },
    },
    async handler(request, reply) {
      const job = await onBehalfOf(request, () => jobs.cancel(request.params.id));
      return reply.code(202).send(job);
    },
  });

  async function* follow(request: FastifyRequest, first: Job, ended: AbortSignal) {
    let sent = '';
    let sentAt = 0;
    for (let job = first; ; job = await onBehalfOf(request, () => jobs.refresh(job))) {
      const document = JSON.stringify(job);
      if (document !== sent || runtime.monotonic() - sentAt >= HEARTBEAT_MS) {
        yield document === sent ? ': heartbeat\n\n' : `event: job\ndata: ${document}\n\n`;
        sent = document;
        sentAt = runtime.monotonic();
      }
      if (job.endedAt !== null) return;
      await pause(runtime, POLL_INTERVAL_MS, ended);
      if (ended.aborted) return;
    }
  }
}
