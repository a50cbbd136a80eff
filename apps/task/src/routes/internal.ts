import { TaskServiceStatus, Verification } from '@weave-nn/clients';
import type { App } from '@weave-nn/service';

export interface InternalRoutes {
  status(): Promise<TaskServiceStatus>;
  verify(): Promise<Verification>;
}

/** What other services ask; not reachable from outside. */
export function internalRoutes(app: App, { status, verify }: InternalRoutes): void {
  app.get('/internal/status', { schema: { hide: true, response: { 200: TaskServiceStatus } }, handler: status });
  app.get('/internal/verification', { schema: { hide: true, response: { 200: Verification } }, handler: verify });
}
