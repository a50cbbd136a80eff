import type { Database } from '@weave-nn/database/sql';
import { createFts5Store } from './search-fts5.ts';
import type { SearchStore } from './search-store.ts';
import { createVectorStore } from './search-vectors.ts';

/** The search index of a database: both kinds find the same notes, though they may rank them differently. */
export function createSearchStore(database: Pick<Database, 'provider' | 'read'>, vaultId: string): SearchStore {
  return database.provider === 'sqlite' ? createFts5Store(database, vaultId) : createVectorStore(database, vaultId);
}
