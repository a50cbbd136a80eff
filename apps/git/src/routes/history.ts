import { AtQuery, Blame, CommitDetails, DiffQuery, DiffResult, HistoryPage, HistoryQuery } from '@weave-nn/clients';
import { Type } from '@weave-nn/config';
import type { App } from '@weave-nn/service';
import mime from 'mime';
import { blameNote } from '../domain/history/blame.ts';
import { commitDetails } from '../domain/history/commits.ts';
import type { Contents } from '../domain/history/contents.ts';
import type { Diffs } from '../domain/history/diff.ts';
import type { History } from '../domain/history/history.ts';
import type { Repository } from '../domain/repository.ts';

const DEFAULT_LIMIT = 100;
const DEFAULT_CONTEXT = 3;
const tags = ['git'];
const path = Type.Object({ '*': Type.String() });
/** What scripts in a served file could otherwise do with the caller's rights. */
const NO_SCRIPTS = "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; media-src 'self'; sandbox";

export interface HistoryRoutes {
  repository: Repository;
  history: History;
  diffs: Diffs;
  contents: Contents;
}

const pathOf = ({ params }: { params: unknown }) => (params as { '*': string })['*'];

/** What `/v1/git` tells of the past. */
export function historyRoutes(app: App, { repository, history, diffs, contents }: HistoryRoutes): void {
  app.get('/v1/git/history', {
    schema: {
      summary: 'The commits of the vault, of a folder, or of a note whatever it was called',
      tags,
      querystring: HistoryQuery,
      response: { 200: HistoryPage },
    },
    handler: ({ query }) => history.page({ ...query, limit: query.limit ?? DEFAULT_LIMIT }),
  });
  app.get('/v1/git/commits/:sha', {
    schema: {
      summary: 'A commit and what it did to which files',
      tags,
      params: Type.Object({ sha: Type.String({ pattern: '^(HEAD|[0-9a-fA-F]{4,64})(~\\d{1,6})?$' }) }),
      response: { 200: CommitDetails },
    },
    handler: ({ params }) => commitDetails(repository, params.sha),
  });
  app.get('/v1/git/diff', {
    schema: {
      summary: 'What differs between two commits: unified, and line by line and word by word',
      tags,
      querystring: DiffQuery,
      response: { 200: DiffResult },
    },
    handler: ({ query }) =>
      diffs.page({ ...query, context: query.context ?? DEFAULT_CONTEXT, limit: query.limit ?? DEFAULT_LIMIT }),
  });
  app.get('/v1/git/files/*', {
    schema: { summary: 'A file as a commit has it', tags, params: path, querystring: AtQuery },
    async handler(request, reply) {
      const name = pathOf(request);
      const { bytes, sha, blob } = await contents.read(name, request.query.at ?? 'HEAD');
      return reply
        .header('etag', `"${blob}"`)
        .header('x-commit', sha)
        .header('content-security-policy', NO_SCRIPTS)
        .type(contentTypeOf(name))
        .send(bytes);
    },
  });
  app.get('/v1/git/blame/*', {
    schema: {
      summary: 'Who last changed each paragraph of a note',
      tags,
      params: path,
      querystring: AtQuery,
      response: { 200: Blame },
    },
    handler: (request) => blameNote(repository.git, contents, pathOf(request), request.query.at ?? 'HEAD'),
  });
}

function contentTypeOf(name: string): string {
  const type = mime.getType(name) ?? 'application/octet-stream';
  return type.startsWith('text/') ? `${type}; charset=utf-8` : type;
}
