import type { FileState } from '@weave-nn/clients';
import type { Database, Procedure } from '@weave-nn/database/sql';
import { indexNote } from '../domain/indexed-note.ts';
import { createNoteStore } from './notes.ts';
import { createSearchStore } from './search.ts';

export interface IndexStates {
  provider: Database['provider'];
  vaultId: string;
  states: readonly FileState[];
}

/** Looks into files and brings the index up to date with them. */
export const indexStates: Procedure<IndexStates> = {
  name: 'index-states',
  async run(sql, { provider, vaultId, states }) {
    const place = { provider, read: sql };
    const notes = createNoteStore(place, vaultId, createSearchStore(place, vaultId));
    await notes.apply(
      sql,
      states.flatMap((state) => (state.deleted ? [] : [indexNote(state)])),
      states.filter(({ deleted }) => deleted),
    );
  },
};
