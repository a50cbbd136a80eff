import type { Runtime } from '@weave-nn/config';
import type { NoteText } from './content.ts';

const MOST_CHARACTERS = 16 * 1024 * 1024;
const KEPT_FOR = 5_000;

/**
 * Texts of notes that were read to be recorded, by their hash, until whoever follows the events asks for them: most ask
 * within a second, and are spared reading, hashing and decoding the same bytes again. Each is given out once, and
 * forgotten after five to ten seconds.
 */
export function createRecentTexts(runtime: Runtime) {
  let young = new Map<string, NoteText>();
  let old = new Map<string, NoteText>();
  let characters = 0;
  let ageing = false;

  function drop(texts: Map<string, NoteText>) {
    for (const { text } of texts.values()) characters -= text.length;
    texts.clear();
  }

  function age() {
    drop(old);
    [young, old] = [old, young];
    ageing = old.size > 0;
    if (ageing) runtime.after(KEPT_FOR, age);
  }

  return {
    keep(hash: string, note: NoteText): void {
      if (young.has(hash) || characters + note.text.length > MOST_CHARACTERS) return;
      young.set(hash, note);
      characters += note.text.length;
      if (!ageing) runtime.after(KEPT_FOR, age);
      ageing = true;
    },

    take(hash: string): NoteText | undefined {
      for (const texts of [young, old]) {
        const note = texts.get(hash);
        if (!note) continue;
        texts.delete(hash);
        characters -= note.text.length;
        return note;
      }
      return undefined;
    },
  };
}

export type RecentTexts = ReturnType<typeof createRecentTexts>;
