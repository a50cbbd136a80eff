import {
  GraphLinkPage,
  ListQuery,
  Neighbourhood,
  NeighbourhoodQuery,
  OrphanPage,
  TagPage,
  UnresolvedPage,
} from '@weave-nn/clients';
import { Type } from '@weave-nn/config';
import type { App } from '@weave-nn/service';
import { normaliseVaultPath } from '@weave-nn/vault';
import type { FastifyRequest } from 'fastify';
import type { Answers } from '../domain/answers.ts';
import { decodeCursor, decodeOffset, encodeCursor, pageOf } from '../domain/cursor.ts';
import { findNeighbourhood } from '../domain/neighbourhood.ts';
import { ReadSideError } from '../errors.ts';
import type { GraphStore } from '../store/graph.ts';

const DEFAULT_LIMIT = 100;
const MAX_SOURCES = 100;
const params = Type.Object({ '*': Type.String() });
const tags = ['graph'];

/** `/v1/graph` and `/v1/tags`. */
export function graphRoutes(app: App, { graph, answers }: { graph: GraphStore; answers: Answers }): void {
  app.get('/v1/graph/backlinks/*', {
    schema: { summary: 'Links to a file', tags, params, querystring: ListQuery, response: { 200: GraphLinkPage } },
    async handler(request) {
      const { limit = DEFAULT_LIMIT, cursor } = request.query;
      const offset = decodeOffset(cursor);
      return pageOf(await graph.backlinks(await known(request), offset, limit + 1), offset, limit);
    },
  });
  app.get('/v1/graph/links/*', {
    schema: { summary: 'Links of a note', tags, params, querystring: ListQuery, response: { 200: GraphLinkPage } },
    async handler(request) {
      const { limit = DEFAULT_LIMIT, cursor } = request.query;
      const offset = decodeOffset(cursor);
      return pageOf(await graph.links(await known(request), offset, limit + 1), offset, limit);
    },
  });
  app.get('/v1/graph/neighbourhood/*', {
    schema: {
      summary: 'What is within so many links of a file',
      tags,
      params,
      querystring: NeighbourhoodQuery,
      response: { 200: Neighbourhood },
    },
    async handler(request) {
      const { depth = 1 } = request.query;
      const path = await known(request);
      return answers.of(['neighbourhood', path, depth], () => findNeighbourhood(graph, path, depth));
    },
  });
  app.get('/v1/graph/orphans', {
    schema: {
      summary: 'Notes without any link to or from another',
      tags,
      querystring: ListQuery,
      response: { 200: OrphanPage },
    },
    async handler({ query }) {
      const limit = query.limit ?? DEFAULT_LIMIT;
      const after = decodeCursor(query.cursor);
      return answers.of(['orphans', limit, after], async () => {
        const rows = await graph.orphans(after, limit + 1);
        const items = rows.slice(0, limit);
        return { items, nextCursor: rows.length > limit ? encodeCursor(items.at(-1)?.path ?? '') : null };
      });
    },
  });
  app.get('/v1/graph/unresolved', {
    schema: {
      summary: 'Names that links have and no file has',
      tags,
      querystring: ListQuery,
      response: { 200: UnresolvedPage },
    },
    async handler({ query }) {
      const limit = query.limit ?? DEFAULT_LIMIT;
      const offset = decodeOffset(query.cursor);
      return answers.of(['unresolved', limit, offset], async () => {
        const { items, nextCursor } = pageOf(await graph.unresolved(offset, limit + 1), offset, limit);
        const sources = await graph.sourcesOf(items.map(({ link }) => link));
        const withSources = items.map((item) => ({
          ...item,
          sources: (sources.get(item.link) ?? []).slice(0, MAX_SOURCES),
        }));
        return { items: withSources, nextCursor };
      });
    },
  });
  app.get('/v1/tags', {
    schema: { summary: 'Tags and how many notes have them', tags, querystring: ListQuery, response: { 200: TagPage } },
    async handler({ query }) {
      const limit = query.limit ?? DEFAULT_LIMIT;
      const offset = decodeOffset(query.cursor);
      return answers.of(['tags', limit, offset], async () =>
        pageOf(await graph.tags(offset, limit + 1), offset, limit),
      );
    },
  });

  async function known(request: FastifyRequest): Promise<string> {
    const path = normaliseVaultPath((request.params as { '*': string })['*']);
    if (!(await graph.has(path))) {
      throw new ReadSideError(
        'note-not-found',
        `${path} is not in the index; see x-index-lag for how far that is behind`,
      );
    }
    return path;
  }
}
