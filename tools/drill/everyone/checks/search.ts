import type { Api } from '@weave-nn/testing';
import type { Tally } from '../../crash/tally.ts';
import { hasWord, type Ledger } from '../ledger.ts';
import type { FinalNote } from './notes.ts';

const listOf = (paths: readonly string[]) => paths.join(', ') || 'no note';

/** Every word that an edit brought must be found in the notes that have it, and in no other. */
export async function checkSearch(
  api: Api,
  ledger: Ledger,
  notes: readonly FinalNote[],
  tally: Tally,
): Promise<number> {
  const words = ledger.edits.map(({ word }) => word).filter((word) => word !== '');
  for (const word of words) {
    const wanted = notes.filter(({ text }) => hasWord(text, word)).map(({ path }) => path);
    const found = await api.search(word);
    if (wanted.join('\n') === found.sort().join('\n')) continue;
    tally.disagreements.push(`${word} is in ${listOf(wanted)}, and found in ${listOf(found)}`);
  }
  return words.length;
}
