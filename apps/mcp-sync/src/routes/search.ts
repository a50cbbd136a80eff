import { SearchQuery, SearchResult } from '@weave-nn/clients';
import type { Runtime } from '@weave-nn/config';
import type { App } from '@weave-nn/service';
import { decodeOffset, encodeCursor } from '../domain/cursor.ts';
import { readQuery } from '../domain/query.ts';
import { makeSnippet } from '../domain/snippet.ts';
import { storableText } from '../domain/storable.ts';
import { ReadSideError } from '../errors.ts';
import type { SearchStore } from '../store/search-store.ts';

const DEFAULT_LIMIT = 20;

/** `/v1/search`. */
export function searchRoutes(app: App, { search, runtime }: { search: SearchStore; runtime: Runtime }): void {
  app.get('/v1/search', {
    schema: {
      summary: 'Search the notes',
      description:
        'Words, "phrases", begin*, -without, tag:a/b, path:Projects, file:name, OR and parentheses. Notes must have all ' +
        'that stands side by side.',
      tags: ['search'],
      querystring: SearchQuery,
      response: { 200: SearchResult },
    },
    async handler({ query: asked }) {
      const started = runtime.monotonic();
      if (asked.mode !== undefined && asked.mode !== 'text') {
        throw new ReadSideError('search-mode-unavailable', `the mode ${asked.mode} is not available; use text`);
      }
      const limit = asked.limit ?? DEFAULT_LIMIT;
      const offset = decodeOffset(asked.cursor);
      const query = readQuery(asked.q, asked.tag);
      const folder = storableText(asked.folder ?? '').replace(/^\/+|\/+$/g, '');
      const { found, total } = await search.find(query, folder, offset, limit);
      const items = found.map(({ path, title, content, score }) => ({
        path,
        title,
        score: Math.round(score * 1e6) / 1e6,
        ...makeSnippet(content ?? '', query.terms),
      }));
      const nextCursor = offset + items.length < total && items.length > 0 ? encodeCursor(offset + items.length) : null;
      return { items, total, tookMs: Math.round((runtime.monotonic() - started) * 100) / 100, nextCursor };
    },
  });
}
