import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import type { Random } from '../../generate/random.ts';
import { saveFile } from '../crash/editor.ts';
import type { Tally } from '../crash/tally.ts';
import type { Hand } from './hand.ts';
import type { Ledger } from './ledger.ts';

const MAX_PAUSE_MS = 300;
const MAX_TYPING_LENGTH = 60;
const TYPES = 0.3;

/**
 * Somebody who edits notes in the folder, whether anything runs or not: reads a note, changes a line, and saves it all.
 * Sometimes it takes a while over that, and then saves over what others have written meanwhile.
 */
export function createNoteEditor(options: {
  vault: string;
  notes: readonly string[];
  hand: Hand;
  random: Random;
  ledger: Ledger;
  tally: Tally;
}) {
  const { vault, notes, hand, random, ledger, tally } = options;

  async function change() {
    const path = random.pick(notes);
    const file = join(vault, path);
    const readAt = performance.now();
    const base = existsSync(file) ? readFileSync(file, 'utf8') : `# ${path}\n`;
    const { text, edit } = hand(base);
    if (random.chance(TYPES)) await setTimeout(random.integer(1, MAX_TYPING_LENGTH));
    const begun = ledger.begin({ ...edit, by: 'desk', path });
    saveFile(file, text, random.chance(0.5));
    ledger.done(begun);
    ledger.saves.push({ path, base, text, readAt, savedAt: performance.now() });
    tally.editorSaves++;
  }

  return async (): Promise<void> => {
    while (ledger.goesOn()) {
      await change();
      await setTimeout(random.integer(0, MAX_PAUSE_MS));
    }
  };
}
