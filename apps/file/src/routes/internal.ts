import {
  ApplyRequest,
  ChangeResult,
  DryRunResult,
  FileStatus,
  ManifestPage,
  ManifestQuery,
  ReadStatesAnswer,
  ReadStatesRequest,
  Verification,
} from '@weave-nn/clients';
import { Type } from '@weave-nn/config';
import { type App, answerByReference } from '@weave-nn/service';
import type { Listing } from '../domain/read/listing.ts';
import type { Reads } from '../domain/read/reads.ts';
import type { Changes } from '../domain/write/changes.ts';
import { toOperation } from '../domain/write/plan.ts';
import { authorOf } from './request.ts';

const DEFAULT_LIMIT = 1000;

/** What other services ask; not reachable from outside. */
export function internalRoutes(
  app: App,
  options: { changes: Changes; reads: Reads; listing: Listing; status(): Promise<FileStatus> },
): void {
  const { changes, reads, listing, status } = options;
  app.get('/internal/status', {
    schema: { hide: true, response: { 200: FileStatus } },
    handler: status,
  });
  app.post('/internal/files::read', {
    schema: { hide: true, body: ReadStatesRequest, response: { 200: ReadStatesAnswer } },
    serializerCompiler: answerByReference,
    handler: async ({ body }) => ({ states: await reads.states(body.paths) }),
  });
  app.post('/internal/files::apply', {
    schema: { hide: true, body: ApplyRequest, response: { 200: Type.Union([ChangeResult, DryRunResult]) } },
    async handler(request) {
      const { origin, dryRun } = request.body;
      const operations = request.body.operations.map(toOperation);
      if (dryRun) return changes.preview(operations);
      return changes.apply(operations, { ...authorOf(request), origin });
    },
  });
  app.get('/internal/manifest', {
    schema: { hide: true, querystring: ManifestQuery, response: { 200: ManifestPage } },
    serializerCompiler: answerByReference,
    handler: ({ query }) => listing.manifestPage(query.cursor, query.limit ?? DEFAULT_LIMIT),
  });
  app.get('/internal/verification', {
    schema: { hide: true, response: { 200: Verification } },
    handler: () => reads.verify(),
  });
}
