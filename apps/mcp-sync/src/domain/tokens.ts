/**
 * The one place where text becomes search tokens, for notes and for queries alike: folded, words of letters, digits and
 * marks, symbols such as `→`, `€` and emoji by themselves, and text of scripts without spaces between words as
 * overlapping pairs of characters. No stemming.
 */

const NON_ASCII = /[^\0-\x7f]+/g;
/** U+FFFD stands for what could not be read. */
const NOT_SEARCHED = /(?:[^\p{L}\p{N}\p{M}\p{S}]|\ufffd)+/gu;
const SYMBOL = /\p{S}/gu;
/** Stand inside words and emoji without being seen: soft hyphens, zero-width characters, variation selectors. */
const INVISIBLE = /\p{Default_Ignorable_Code_Point}+/gu;
/** What `tokenText` leaves outside ASCII is all of tokens. */
const TOKEN = /[0-9a-z\u0080-\uffff]+/g;
/** Accents, vowel points and the like, which many leave out; not the marks that are letters of their own script. */
const ACCENTS = /[[\p{M}&&[\p{Script=Inherited}\p{Script=Hebrew}\p{Script=Arabic}]]--[\u3099\u309a]]+/gv;
const PAIRED = ['Han', 'Hiragana', 'Katakana', 'Hangul', 'Thai', 'Lao', 'Khmer', 'Myanmar']
  .map((script) => `\\p{Script=${script}}`)
  .join('');
const HAS_PAIRED = new RegExp(`[${PAIRED}]`, 'u');
const RUNS = new RegExp(`[${PAIRED}\\u3099\\u309a]+|[^${PAIRED}\\u3099\\u309a]+`, 'gu');
/** Letters that Unicode does not take apart, and their usual spelling without them. */
const LETTERS: Readonly<Record<string, string>> = {
  ł: 'l',
  ø: 'o',
  đ: 'd',
  ð: 'd',
  ħ: 'h',
  ŧ: 't',
  ı: 'i',
  ς: 'σ',
  ß: 'ss',
  æ: 'ae',
  œ: 'oe',
  þ: 'th',
};
const LETTER = new RegExp(`[${Object.keys(LETTERS).join('')}]`, 'g');
/** The names of some languages, which differ from other words by a sign alone: `C++`, `C#`. */
const SIGNED = /(?<=\p{L})\+\+(?![\p{L}\p{N}+])|(?<=(?<![\p{L}\p{N}])\p{L}{1,2})#(?![\p{L}\p{N}#])/gu;
/** The signs within such a word: the stores cut words at all signs of ASCII. */
const SIGNS: Readonly<Record<string, string>> = { '++': '\ue02b\ue02b', '#': '\ue023' };

/**
 * Remembers what short pieces become. Most pieces of a note outside ASCII are single letters, dashes and quotation
 * marks: with this 30 MB of such notes take 0.2 s instead of 2 s.
 */
function remembered(make: (piece: string) => string): (piece: string) => string {
  const LONGEST = 8;
  const MOST = 4_096;
  const known = new Map<string, string>();
  return (piece) => {
    if (piece.length > LONGEST) return make(piece);
    let made = known.get(piece);
    if (made === undefined) {
      if (known.size >= MOST) known.clear();
      made = make(piece);
      known.set(piece, made);
    }
    return made;
  };
}

/** Full case folding (Unicode chapter 3.13, by way of the upper case), without accents and compatibility forms. */
const foldPiece = remembered((piece) =>
  piece
    .replace(INVISIBLE, '')
    .normalize('NFKD')
    .replace(ACCENTS, '')
    .normalize('NFC')
    .toUpperCase()
    .toLowerCase()
    .replace(LETTER, (letter) => LETTERS[letter] ?? letter),
);

const tokenPiece = remembered((piece) => {
  const words = foldPiece(piece).replace(NOT_SEARCHED, ' ').replace(SYMBOL, ' $& ');
  if (!HAS_PAIRED.test(words)) return words;
  return words.replace(RUNS, (run) => (HAS_PAIRED.test(run) ? ` ${pairs(run).join(' ')} ` : run));
});

/** Folds a text to what its words are compared by: case, compatibility forms and accents make no difference. */
export function fold(text: string): string {
  return text.replace(NON_ASCII, foldPiece).toLowerCase();
}

/** Overlapping pairs, and the last character by itself, so that every single one can be found as a pair's beginning. */
function pairs(run: string): string[] {
  const characters = [...run];
  return characters.map((character, index) => character + (characters[index + 1] ?? ''));
}

/**
 * A text as a store is given it whose plainest tokenizer folds the case of ASCII and splits at all of ASCII that is
 * no letter or digit, but nowhere else.
 */
export function tokenText(text: string): string {
  return text.replace(NON_ASCII, tokenPiece).replace(SIGNED, (signs) => SIGNS[signs] ?? signs);
}

/** A text's tokens, in order, one at a time: those of a large note at once would take ten times its size. */
export function* tokensOf(text: string): Generator<string> {
  for (const [token] of tokenText(text).toLowerCase().matchAll(TOKEN)) yield token;
}

/** A text's tokens, in order. */
export function tokenize(text: string): string[] {
  return [...tokensOf(text)];
}

/** What is typed for a token that is a symbol or has signs; null for one that is a plain word. */
export function spelledToken(token: string): string | null {
  if (/^\p{S}$/u.test(token)) return token;
  return /[\ue023\ue02b]/.test(token) ? token.replaceAll('\ue023', '#').replaceAll('\ue02b', '+') : null;
}

/** Whether a token is a single character of a script that is indexed in pairs. */
export function isSinglePaired(token: string): boolean {
  return [...token].length === 1 && HAS_PAIRED.test(token);
}

/** Whether a text has characters that are indexed in pairs. */
export function hasPaired(text: string): boolean {
  return HAS_PAIRED.test(text);
}
