import { type Clients, RebuildResult, Verification } from '@weave-nn/clients';
import { Type } from '@weave-nn/config';
import type { App, Readiness } from '@weave-nn/service';
import type { Reachable } from './reach.ts';

export interface SystemRoutes {
  services: readonly Reachable[];
  clients: Clients;
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
});

/** What the system says of itself as a whole. */
export function systemRoutes(app: App, { services: reachable, clients, version, vaultId }: SystemRoutes): void {
  app.get('/v1/system', {
    schema: { summary: 'Every service and its health', tags: ['system'], response: { 200: System } },
    async handler() {
      const services = await Promise.all(reachable.map(describe));
      const status = services.every((service) => service.status === 'ready') ? 'ready' : 'not-ready';
      const [files, index, tasks] = await Promise.all([
        orNull(clients.file.status()),
        orNull(clients.mcpSync.status()),
        orNull(clients.task.status()),
      ]);
      return { version, vaultId, status, services, files, index, tasks };
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
    schema: { summary: 'Empty the index and fill it again', tags: ['system'], response: { 200: RebuildResult } },
    handler: () => clients.mcpSync.rebuild(),
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

  function orNull<Value>(value: Promise<Value>): Promise<Value | null> {
    return value.catch(() => null);
  }
}
