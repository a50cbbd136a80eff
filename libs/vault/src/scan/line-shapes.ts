import { BACKTICK, CLOSE_PAREN, DASH, DOT, EQUALS, HASH, isDigit, SPACE, TAB } from './characters.ts';

function isBlank(code: number): boolean {
  return code === SPACE || code === TAB;
}

/** Whether the rest of a line is white space. */
function restIsBlank(text: string, from: number, end: number): boolean {
  for (let at = from; at < end; at++) if (!isBlank(text.charCodeAt(at))) return false;
  return true;
}

/**
 * Level of the setext underline at `from`: 1 for `=`, 2 for `-`, 0 when the line is none.
 * CommonMark 0.31 section 4.3.
 */
export function setextLevel(text: string, from: number, end: number, code: number): number {
  let at = from;
  while (at < end && text.charCodeAt(at) === code) at++;
  if (!restIsBlank(text, at, end)) return 0;
  return code === EQUALS ? 1 : 2;
}

/** Whether the line from `from` is a thematic break of `code`. CommonMark 0.31 section 4.1. */
export function isThematicBreak(text: string, from: number, end: number, code: number): boolean {
  let count = 0;
  for (let at = from; at < end; at++) {
    const here = text.charCodeAt(at);
    if (here === code) count++;
    else if (!isBlank(here)) return false;
  }
  return count >= 3;
}

/** Length of the fence that opens a code block at `from`, or 0. CommonMark 0.31 section 4.5. */
export function fenceRunLength(text: string, from: number, end: number, code: number): number {
  let at = from;
  while (at < end && text.charCodeAt(at) === code) at++;
  const length = at - from;
  if (length < 3) return 0;
  if (code === BACKTICK) {
    for (; at < end; at++) if (text.charCodeAt(at) === BACKTICK) return 0;
  }
  return length;
}

/** Whether the line from `from` closes a fence of `length` characters `code`. */
export function isClosingFence(text: string, from: number, end: number, code: number, length: number): boolean {
  let at = from;
  while (at < end && text.charCodeAt(at) === code) at++;
  return at - from >= length && restIsBlank(text, at, end);
}

/**
 * Length of the list marker at `from` (`-`, `*`, `+`, or up to nine digits and `.` or `)`), or 0.
 *
 * `interrupts` tells that a paragraph would be interrupted: then the item must not be empty and a number must be 1.
 * CommonMark 0.31 section 5.2.
 */
export function listMarkerLength(text: string, from: number, end: number, interrupts: boolean): number {
  const first = text.charCodeAt(from);
  let at = from + 1;
  if (isDigit(first)) {
    while (at < end && at - from < 10 && isDigit(text.charCodeAt(at))) at++;
    const close = at < end ? text.charCodeAt(at) : 0;
    if (close !== DOT && close !== CLOSE_PAREN) return 0;
    if (at - from > 9) return 0;
    if (interrupts && (at - from !== 1 || first !== 49)) return 0;
    at++;
  } else if (first !== DASH && first !== 42 && first !== 43) {
    return 0;
  }
  if (at < end && !isBlank(text.charCodeAt(at))) return 0;
  if (interrupts && restIsBlank(text, at, end)) return 0;
  return at - from;
}

/** Where the text of an ATX heading ends, its closing `#`s left out. CommonMark 0.31 section 4.2. */
export function headingContentEnd(text: string, from: number, end: number): number {
  let last = end;
  while (last > from && isBlank(text.charCodeAt(last - 1))) last--;
  let at = last;
  while (at > from && text.charCodeAt(at - 1) === HASH) at--;
  if (at === last) return last;
  if (at > from && !isBlank(text.charCodeAt(at - 1))) return last;
  while (at > from && isBlank(text.charCodeAt(at - 1))) at--;
  return at;
}
