/**
 * The one place where text becomes search tokens, for notes and for queries alike: lower case, without accents,
 * words of letters and digits, and Chinese, Japanese and Korean text as overlapping pairs of characters. No stemming.
 */

const ASCII = /^[^\u0080-\uffff]*$/;
const NOT_A_WORD = /[^\p{L}\p{N}]+/gu;
const ACCENTS = /\p{M}+/gu;
const CJK = '\\p{Script=Han}\\p{Script=Hiragana}\\p{Script=Katakana}\\p{Script=Hangul}';
const HAS_CJK = new RegExp(`[${CJK}]`, 'u');
const RUNS = new RegExp(`[${CJK}]+|[^${CJK}]+`, 'gu');

/** Folds a text to what its words are compared by: lower case, compatibility forms resolved, accents dropped. */
export function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  return text.normalize('NFKD').replace(ACCENTS, '').normalize('NFC').toLowerCase();
}

/** Overlapping pairs, and the last character by itself, so that every single one can be found as a pair's beginning. */
function pairs(run: string): string[] {
  const characters = [...run];
  return characters.map((character, index) => character + (characters[index + 1] ?? ''));
}

function splitRun(run: string): string[] {
  return HAS_CJK.test(run) ? pairs(run) : [run];
}

/** A text's tokens, in order. */
export function tokenize(text: string): string[] {
  const words = fold(text).replace(NOT_A_WORD, ' ').split(' ');
  return words.flatMap((word) => {
    if (word === '') return [];
    return HAS_CJK.test(word) ? (word.match(RUNS) ?? []).flatMap(splitRun) : [word];
  });
}

/**
 * A text as the store is given it: tokens with something between them that its plainest tokenizer splits at.
 * Text of ASCII only is handed on as it is, since that tokenizer folds case and splits ASCII the same way.
 */
export function tokenText(text: string): string {
  if (ASCII.test(text)) return text;
  const words = fold(text).replace(NOT_A_WORD, ' ');
  if (!HAS_CJK.test(words)) return words;
  return words.replace(RUNS, (run) => (HAS_CJK.test(run) ? ` ${pairs(run).join(' ')} ` : run));
}

/** Whether a token is a single character of a script that is indexed in pairs. */
export function isSingleCjk(token: string): boolean {
  return [...token].length === 1 && HAS_CJK.test(token);
}

/** Whether a text has characters that are indexed in pairs. */
export function hasCjk(text: string): boolean {
  return HAS_CJK.test(text);
}
