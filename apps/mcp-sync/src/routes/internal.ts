import { Applied, AppliedQuery, IndexStatus, JobReference, Verification } from '@weave-nn/clients';
import type { Static } from '@weave-nn/config';
import type { App } from '@weave-nn/service';

export interface InternalRoutes {
  status(): Promise<Static<typeof IndexStatus>>;
  verify(): Promise<Static<typeof Verification>>;
  rebuild(): Promise<Static<typeof JobReference>>;
  waitApplied(path: string, sequence: number, timeout: number): Promise<boolean>;
}

/** What other services ask; not reachable from outside. */
export function internalRoutes(app: App, { status, verify, rebuild, waitApplied }: InternalRoutes): void {
  app.get('/internal/status', { schema: { hide: true, response: { 200: IndexStatus } }, handler: status });
  app.get('/internal/verification', { schema: { hide: true, response: { 200: Verification } }, handler: verify });
  app.post('/internal/rebuild', { schema: { hide: true, response: { 200: JobReference } }, handler: rebuild });
  app.get('/internal/applied', {
    schema: { hide: true, querystring: AppliedQuery, response: { 200: Applied } },
    async handler({ query: { path, sequence, timeout } }) {
      return { applied: await waitApplied(path, sequence, timeout) };
    },
  });
}
