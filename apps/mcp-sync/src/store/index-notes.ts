import type { Database, Procedure } from '@weave-nn/database/sql';
import type { IndexedFiles } from '../domain/index-files.ts';
import { createNoteStore } from './notes.ts';
import { createSearchStore } from './search.ts';

export interface IndexAddition extends IndexedFiles {
  provider: Database['provider'];
  vaultId: string;
}

/** Brings the index up to date with files. */
export const indexNotes: Procedure<IndexAddition> = {
  name: 'index-notes',
  run(sql, { provider, vaultId, notes, gone }) {
    const place = { provider, read: sql };
    return createNoteStore(place, vaultId, createSearchStore(place, vaultId)).apply(sql, notes, gone);
  },
};
