import { diffWordsWithSpace } from 'diff';

export interface Word {
  kind: 'same' | 'removed' | 'added';
  text: string;
}

/** Lines so long that comparing their words would take too long are shown as replaced as a whole. */
const LONGEST = 5_000;

/** What of a line went and what came, for the line before and the line after. */
export function compareWords(before: string, after: string): { before: Word[]; after: Word[] } {
  if (before.length + after.length > LONGEST) {
    return { before: [{ kind: 'removed', text: before }], after: [{ kind: 'added', text: after }] };
  }
  const words = diffWordsWithSpace(before, after).map(
    ({ added, removed, value }): Word => ({ kind: added ? 'added' : removed ? 'removed' : 'same', text: value }),
  );
  return {
    before: words.filter(({ kind }) => kind !== 'added'),
    after: words.filter(({ kind }) => kind !== 'removed'),
  };
}
