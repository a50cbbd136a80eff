const WORD = /^[\p{L}\p{N}\p{M}]$/u;
const NO = 1;
const YES = 2;
/** What is known of the characters of the basic plane; a regular expression over whole notes takes ten times as long. */
const known = new Uint8Array(0x1_0000);

function isOfWord(point: number): boolean {
  if (point > 0xffff) return WORD.test(String.fromCodePoint(point));
  if (known[point] === 0) known[point] = WORD.test(String.fromCodePoint(point)) ? YES : NO;
  return known[point] === YES;
}

/** The first index from `at` on whose character is of a word, or is not; the text's length when there is none. */
function seek(text: string, at: number, ofWord: boolean): number {
  let index = at;
  while (index < text.length) {
    const point = text.codePointAt(index) ?? 0;
    if (isOfWord(point) === ofWord) break;
    index += point > 0xffff ? 2 : 1;
  }
  return index;
}

/** Where a word stands in a text. */
export interface Place {
  start: number;
  end: number;
}

/** The first word of letters, digits and marks from an index on. */
export function nextWord(text: string, from: number): Place | undefined {
  const start = seek(text, from, true);
  return start < text.length ? { start, end: seek(text, start, false) } : undefined;
}

/** The index at which the character before `at` begins. */
function characterBefore(text: string, at: number): number {
  const isPair = at > 1 && (text.codePointAt(at - 2) ?? 0) > 0xffff;
  return isPair ? at - 2 : at - 1;
}

/** The word that a character is of, unless it is of none. */
export function wordAt(text: string, index: number): Place | undefined {
  if (!isOfWord(text.codePointAt(index) ?? 0)) return undefined;
  let start = index;
  while (start > 0) {
    const before = characterBefore(text, start);
    if (!isOfWord(text.codePointAt(before) ?? 0)) break;
    start = before;
  }
  return { start, end: seek(text, index, false) };
}
