import { setImmediate } from 'node:timers/promises';
import type { FileState } from '@weave-nn/clients';
import { type IndexedNote, indexNote } from './indexed-note.ts';

/** Files that are looked into before other work has its turn: ten milliseconds. */
const AT_ONCE = 200;

/** A path at which there is no file any more, and the sequence of its end. */
export interface Gone {
  path: string;
  sequence: number;
}

/** What files are now, for the index. */
export interface IndexedFiles {
  notes: readonly IndexedNote[];
  gone: readonly Gone[];
}

/** Looks into files; lets other work in now and then. */
export async function indexFiles(states: readonly FileState[]): Promise<IndexedFiles> {
  const notes: IndexedNote[] = [];
  const gone: Gone[] = [];
  for (const [index, state] of states.entries()) {
    if (state.deleted) gone.push({ path: state.path, sequence: state.sequence });
    else notes.push(indexNote(state));
    if (index % AT_ONCE === AT_ONCE - 1) await setImmediate();
  }
  return { notes, gone };
}
