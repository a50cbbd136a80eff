import {
  ChangeQuery,
  ChangeResult,
  CommitAnswer,
  CommitRequest,
  DryRunResult,
  GitRestoreRequest,
  GitStatus,
  SyncAnswer,
} from '@weave-nn/clients';
import { Type } from '@weave-nn/config';
import type { App } from '@weave-nn/service';
import type { FastifyRequest } from 'fastify';
import type { Jobs } from '../domain/jobs.ts';
import type { Repository } from '../domain/repository.ts';
import type { Restore } from '../domain/restore.ts';
import type { Status } from '../domain/status.ts';

const tags = ['git'];

export interface ActionRoutes {
  repository: Repository;
  status: Status;
  jobs: Jobs;
  restore: Restore;
  stopping: AbortSignal;
}

/** What `/v1/git` says of the present, and what can be done. */
export function actionRoutes(app: App, { repository, status, jobs, restore, stopping }: ActionRoutes): void {
  app.get('/v1/git/status', {
    schema: {
      summary: 'Whether changes are committed, and what stands in the way',
      tags,
      response: { 200: GitStatus },
    },
    handler: status,
  });
  app.post('/v1/git/commit', {
    schema: {
      summary: 'Commit what is not committed yet',
      tags,
      body: Type.Union([CommitRequest, Type.Null()], { description: 'may be left out' }),
      response: { 200: CommitAnswer },
    },
    async handler(request) {
      await repository.assertBranch();
      return jobs.ask({ ...askedBy(request), kind: 'commit', message: request.body?.message ?? null }, stopping);
    },
  });
  app.post('/v1/git/sync', {
    schema: {
      summary: 'Bring the vault and its remote together',
      description: 'When the remote does not answer, the state is `queued`, and it is retried until it does.',
      tags,
      response: { 200: SyncAnswer },
    },
    async handler(request) {
      await repository.assertBranch();
      return jobs.ask({ ...askedBy(request), kind: 'sync', message: null }, stopping);
    },
  });
  app.post('/v1/git/restore', {
    schema: {
      summary: 'Bring a note or folder back to what it was in a commit',
      tags,
      querystring: ChangeQuery,
      body: GitRestoreRequest,
      response: { 200: Type.Union([ChangeResult, DryRunResult]) },
    },
    async handler({ body, query }) {
      if (query.dryRun) return { dryRun: true as const, changes: await restore.preview(body) };
      return { changed: await restore.run(body) };
    },
  });
}

function askedBy({ principal, id }: FastifyRequest) {
  return { actor: principal.id, client: principal.client, requestId: id };
}
