import type { Runtime } from '@weave-nn/config';
import { decodeNote, type NoteText } from '../read/content.ts';

const MAX_BYTES = 16 * 1024 * 1024;
const KEPT_FOR = 5_000;

/**
 * Notes that were read to be recorded, by their hash, until whoever follows the events asks for them: most ask within a
 * second, and are spared reading and hashing the same bytes again. Each is given out once, and forgotten after five to
 * ten seconds. They are kept as bytes: V8 would copy their texts twice in that time, and decoding is quicker.
 */
export function createRecentNotes(runtime: Runtime) {
  let young = new Map<string, Uint8Array>();
  let old = new Map<string, Uint8Array>();
  let size = 0;
  let ageing = false;

  function drop(notes: Map<string, Uint8Array>) {
    for (const { length } of notes.values()) size -= length;
    notes.clear();
  }

  function age() {
    drop(old);
    [young, old] = [old, young];
    ageing = old.size > 0;
    if (ageing) runtime.after(KEPT_FOR, age);
  }

  return {
    keep(hash: string, bytes: Uint8Array): void {
      if (young.has(hash) || size + bytes.length > MAX_BYTES) return;
      young.set(hash, bytes);
      size += bytes.length;
      if (!ageing) runtime.after(KEPT_FOR, age);
      ageing = true;
    },

    take(hash: string): NoteText | undefined {
      for (const notes of [young, old]) {
        const bytes = notes.get(hash);
        if (!bytes) continue;
        notes.delete(hash);
        size -= bytes.length;
        return decodeNote(bytes);
      }
      return undefined;
    },
  };
}

export type RecentNotes = ReturnType<typeof createRecentNotes>;
