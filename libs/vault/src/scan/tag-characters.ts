import { DASH, isAsciiLetter, isDigit, SLASH, UNDERSCORE } from './characters.ts';

// Letters, numbers, marks and emoji; the joiner holds emoji sequences together.
const TAG_POINT = /\p{L}|\p{N}|\p{M}|\p{So}|\p{Sk}|\u200d|[\u{e0020}-\u{e007f}]/u;

const UNKNOWN = 0;
const YES = 1;
const known = new Uint8Array(0x10000);

function isBasicTagUnit(code: number): boolean {
  const cached = known[code];
  if (cached !== UNKNOWN) return cached === YES;
  const yes = TAG_POINT.test(String.fromCharCode(code));
  known[code] = yes ? YES : 2;
  return yes;
}

/**
 * Where the tag that starts after a `#` ends.
 *
 * Takes the text, the offset after the `#` and the offset not to go beyond; returns the end of the tag, or -1
 * when there is none. Obsidian's documentation ("Tags"): letters, numbers, `_`, `-`, `/` and Unicode letters and
 * emoji; at least one character that is not a number.
 */
export function tagEnd(text: string, from: number, end: number): number {
  let at = from;
  let hasNonDigit = false;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (isDigit(code)) {
      at++;
    } else if (code < 0x80) {
      if (!isAsciiLetter(code) && code !== UNDERSCORE && code !== DASH && code !== SLASH) break;
      hasNonDigit = true;
      at++;
    } else if (code >= 0xd800 && code <= 0xdbff) {
      const point = text.codePointAt(at) ?? 0;
      if (point < 0x10000 || !TAG_POINT.test(String.fromCodePoint(point))) break;
      hasNonDigit = true;
      at += 2;
    } else {
      if (!isBasicTagUnit(code)) break;
      hasNonDigit = true;
      at++;
    }
  }
  return hasNonDigit ? at : -1;
}
