import { ClientError, type Clients, clientOf, Job, Schedule, Verification } from '@weave-nn/clients';
import { Type } from '@weave-nn/config';
import { type App, inCallContext, type Readiness, StartError } from '@weave-nn/service';
import type { FastifyBaseLogger } from 'fastify';
import type { GatewayJobs } from '../domain/jobs.ts';
import { callServices } from '../errors.ts';
import type { Reachable } from './reach.ts';

export interface SystemRoutes {
  services: readonly Reachable[];
  clients: Clients;
  jobs: GatewayJobs;
  version: string;
  vaultId: string;
}

const System = Type.Object({
  version: Type.String(),
  vaultId: Type.String(),
  status: Type.String(),
  services: Type.Array(
    Type.Object({
      name: Type.String(),
      mode: Type.String({ description: '`mounted` in this process, `remote` in another' }),
      version: Type.String(),
      status: Type.String(),
      dependencies: Type.Record(Type.String(), Type.Unknown()),
    }),
  ),
  files: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
  index: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
  tasks: Type.Union([Type.Record(Type.String(), Type.Unknown()), Type.Null()]),
  schedules: Type.Array(Schedule),
});

/** What the system says of itself as a whole. */
export function systemRoutes(app: App, { services: reachable, clients, jobs, version, vaultId }: SystemRoutes): void {
  app.get('/v1/system', {
    schema: { summary: 'Every service and its health', tags: ['system'], response: { 200: System } },
    async handler({ log }) {
      const orNull = <Value>(value: Promise<Value>) => nullIfAway(value, log);
      const services = await Promise.all(reachable.map(describe));
      const status = services.every((service) => service.status === 'ready') ? 'ready' : 'not-ready';
      const [files, index, tasks, ...schedules] = await Promise.all([
        orNull(clients.file.status()),
        orNull(clients.mcpSync.status()),
        orNull(clients.task.status()),
        ...reachable.map(({ name }) => orNull(clientOf(clients, name).schedules())),
      ]);
      const known = schedules.flatMap((each) => each ?? []);
      return { version, vaultId, status, services, files, index, tasks, schedules: known };
    },
  });
  app.get('/v1/system/check', {
    schema: {
      summary: 'Compare vault, manifest, index, event log and tasks',
      tags: ['system'],
      response: { 200: Verification },
    },
    async handler() {
      const sides = [await clients.file.verify(), await clients.mcpSync.verify(), await verifyTasks()];
      return {
        checks: sides.flatMap(({ checks }) => checks),
        excluded: sides.flatMap(({ excluded = [] }) => excluded),
      };
    },
  });
  app.post('/v1/system/rebuild', {
    schema: {
      summary: 'Start the job that empties the index and fills it again',
      description: 'The job that is under way already, if there is one. `GET /v1/jobs/{id}` tells how far it is.',
      tags: ['system'],
      response: { 202: Job },
    },
    async handler({ principal, id: requestId }, reply) {
      const job = await inCallContext({ principal, requestId }, () =>
        callServices(async () => jobs.find((await clients.mcpSync.rebuild()).id)),
      );
      return reply.code(202).header('location', `/v1/jobs/${job.id}`).send(job);
    },
  });

  async function describe({ name, mode, get }: Reachable) {
    const answer = await get('/ready').catch((error: Error) => error);
    if (answer instanceof Error) {
      return { name, mode, version: 'unknown', status: 'unreachable', dependencies: { connection: answer.message } };
    }
    const readiness = answer.json as Readiness;
    return { name, mode, version: readiness.version, status: readiness.status, dependencies: readiness.dependencies };
  }

  /** A system without the task service has nothing to compare. */
  function verifyTasks(): Promise<Verification> {
    return reachable.some(({ name }) => name === 'task') ? clients.task.verify() : Promise.resolve({ checks: [] });
  }
}

/** What a service says; null, and a line in the log, while it is away or not a part of this system. */
async function nullIfAway<Value>(value: Promise<Value>, log: FastifyBaseLogger): Promise<Value | null> {
  try {
    return await value;
  } catch (error) {
    const isExpected = error instanceof StartError || (error instanceof ClientError && error.status >= 500);
    if (!isExpected) throw error;
    log.debug({ err: error }, 'a service cannot be asked for its status');
    return null;
  }
}
