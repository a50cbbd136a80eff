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

/** Calls `take` with the beginning and the end of each word of letters, digits and marks, until it answers false. */
export function eachWord(text: string, take: (start: number, end: number) => boolean): void {
  for (let start = seek(text, 0, true); start < text.length; ) {
    const end = seek(text, start, false);
    if (!take(start, end)) return;
    start = seek(text, end, true);
  }
}
