import {
  BatchRequest,
  ChangeQuery,
  ChangeResult,
  DryRunResult,
  MoveRequest,
  PageQuery,
  RestoreRequest,
  VersionPage,
} from '@weave-nn/clients';
import { Type } from '@weave-nn/config';
import type { App } from '@weave-nn/service';
import type { FastifyRequest } from 'fastify';
import { decodeCursor, encodeCursor } from '../domain/read/listing.ts';
import type { VaultFolder } from '../domain/vault-folder.ts';
import type { Changes } from '../domain/write/changes.ts';
import { type Operation, toOperation } from '../domain/write/plan.ts';
import type { VersionStore } from '../store/versions.ts';
import { authorOf, idempotencyOf, pathOf } from './request.ts';

const DEFAULT_LIMIT = 100;
const result = { 200: Type.Union([ChangeResult, DryRunResult]) };

/** Changes of several files at once, and the way back. */
export function operationRoutes(
  app: App,
  { changes, versions, folder }: { changes: Changes; versions: VersionStore; folder: VaultFolder },
): void {
  app.post('/v1/files::move', {
    schema: {
      summary: 'Move a file or folder and every link to it',
      tags: ['files'],
      querystring: ChangeQuery,
      body: MoveRequest,
      response: result,
    },
    handler: (request) => run(request, [{ op: 'move', ...request.body }]),
  });
  app.post('/v1/files::batch', {
    schema: {
      summary: 'Do several changes, all or none',
      tags: ['files'],
      querystring: ChangeQuery,
      body: BatchRequest,
      response: result,
    },
    handler: (request) => run(request, request.body.operations.map(toOperation)),
  });
  app.get('/v1/versions/*', {
    schema: {
      summary: 'Contents of a file that were replaced or deleted',
      tags: ['files'],
      params: Type.Object({ '*': Type.String() }),
      querystring: Type.Object(PageQuery, { additionalProperties: false }),
      response: { 200: VersionPage },
    },
    async handler(request) {
      const { limit = DEFAULT_LIMIT, cursor } = request.query;
      const path = pathOf(request);
      folder.locate(path);
      const rows = await versions.page(path, decodeCursor(cursor), limit + 1);
      const items = rows.slice(0, limit).map(({ hash, size, change, actor, replaced_at }) => ({
        hash,
        size,
        change,
        actor,
        replacedAt: new Date(replaced_at).toISOString(),
      }));
      return { items, nextCursor: rows.length > limit ? encodeCursor(rows[limit - 1]?.id ?? '') : null };
    },
  });
  app.post('/v1/versions::restore', {
    schema: {
      summary: 'Bring back a content that a file once had',
      tags: ['files'],
      querystring: ChangeQuery,
      body: RestoreRequest,
      response: result,
    },
    handler: async (request) => run(request, [await changes.restoring(request.body.path, request.body.hash)]),
  });

  async function run(request: FastifyRequest, operations: readonly Operation[]) {
    if ((request.query as { dryRun?: boolean }).dryRun) {
      return changes.preview(operations);
    }
    return changes.apply(operations, authorOf(request), idempotencyOf(request));
  }
}
