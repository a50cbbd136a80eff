import type { IndexedNote } from '../domain/indexed-note.ts';

/** A note with the row it has. */
export interface WrittenNote {
  id: number;
  note: IndexedNote;
}
