import type { SearchResult } from '@weave-nn/clients';
import type { Environment } from '@weave-nn/config';
import { requireRunning } from '../connection.ts';
import { exitCodes } from '../errors.ts';
import { print, showSnippet } from '../output.ts';

export interface SearchOptions {
  folder?: string;
  tag?: string;
  limit?: string;
  json?: boolean;
}

const names = { q: '<words>', folder: '--folder', tag: '--tag', limit: '--limit' };

/** Searches the notes. */
export async function search(
  environment: Environment,
  words: readonly string[],
  options: SearchOptions,
): Promise<number> {
  const query = new URLSearchParams({ q: words.join(' ') });
  for (const name of ['folder', 'tag', 'limit'] as const) {
    const value = options[name];
    if (value !== undefined) query.set(name, value);
  }
  const result = await requireRunning(environment).call<SearchResult>(`/v1/search?${query}`, { names });
  print(options.json === true, result, () => [
    ...result.items.flatMap(({ path, snippet }) => [path, `    ${showSnippet(snippet)}`]),
    `${result.total} found in ${result.tookMs} ms`,
  ]);
  return exitCodes.ok;
}
