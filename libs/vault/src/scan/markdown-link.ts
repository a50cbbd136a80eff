import { decodePercent } from '../links/percent.ts';
import {
  BACKSLASH,
  CLOSE_PAREN,
  COLON,
  DASH,
  DOT,
  DOUBLE_QUOTE,
  GREATER,
  HASH,
  isAsciiLetter,
  isAsciiPunctuation,
  isDigit,
  LESS,
  LF,
  OPEN_PAREN,
  PLUS,
  SINGLE_QUOTE,
  SLASH,
  SPACE,
} from './characters.ts';

/** The destination part of `[text](destination "title")`: offsets of the destination and of the end of the link. */
export interface Destination {
  targetStart: number;
  targetEnd: number;
  end: number;
}

// cmark's limit; it also keeps the scan linear.
const MAX_PARENS = 32;

function skipBlank(text: string, from: number, limit: number): number {
  let at = from;
  while (at < limit) {
    const code = text.charCodeAt(at);
    if (code !== SPACE && (code < 9 || code > 13)) break;
    at++;
  }
  return at;
}

function bareEnd(text: string, from: number, limit: number): number {
  let depth = 0;
  let at = from;
  while (at < limit) {
    const code = text.charCodeAt(at);
    if (code <= SPACE || code === 127) break;
    if (code === BACKSLASH && isAsciiPunctuation(text.charCodeAt(at + 1))) {
      at += 2;
      continue;
    }
    if (code === OPEN_PAREN) {
      depth++;
      if (depth > MAX_PARENS) return -1;
    } else if (code === CLOSE_PAREN) {
      if (depth === 0) break;
      depth--;
    }
    at++;
  }
  return depth === 0 && at <= limit ? at : -1;
}

function angleEnd(text: string, from: number, limit: number): number {
  for (let at = from; at < limit; at++) {
    const code = text.charCodeAt(at);
    if (code === GREATER) return at;
    if (code === LESS || code === LF) return -1;
    if (code === BACKSLASH) at++;
  }
  return -1;
}

/** Offset after the title that starts at `from`, or -1 when there is none. CommonMark 0.31 section 6.3. */
export function titleEnd(text: string, from: number, limit: number): number {
  const open = text.charCodeAt(from);
  if (open !== DOUBLE_QUOTE && open !== SINGLE_QUOTE && open !== OPEN_PAREN) return -1;
  const close = open === OPEN_PAREN ? CLOSE_PAREN : open;
  for (let at = from + 1; at < limit; at++) {
    const code = text.charCodeAt(at);
    if (code === close) return at + 1;
    if (code === OPEN_PAREN && open === OPEN_PAREN) return -1;
    if (code === BACKSLASH) at++;
  }
  return -1;
}

/** The range of the destination at `from`, without its `<>`, and the offset after it; null when there is none. */
export function destinationEnd(text: string, from: number, limit: number): Destination | null {
  if (from >= limit) return null;
  if (text.charCodeAt(from) === LESS) {
    const targetEnd = angleEnd(text, from + 1, limit);
    return targetEnd < 0 ? null : { targetStart: from + 1, targetEnd, end: targetEnd + 1 };
  }
  const targetEnd = bareEnd(text, from, limit);
  return targetEnd <= from ? null : { targetStart: from, targetEnd, end: targetEnd };
}

/**
 * Reads what follows the `](` of an inline link.
 *
 * Takes the text, the offset after the `(` and the offset not to go beyond; returns the destination, or `null` when
 * it is not one. CommonMark 0.31 section 6.3: balanced parentheses or `<>`, then an optional title.
 */
export function readDestination(text: string, from: number, limit: number): Destination | null {
  let at = skipBlank(text, from, limit);
  if (at >= limit) return null;
  let targetStart = at;
  let targetEnd: number;
  if (text.charCodeAt(at) === LESS) {
    targetStart = at + 1;
    targetEnd = angleEnd(text, targetStart, limit);
    if (targetEnd < 0) return null;
    at = targetEnd + 1;
  } else {
    targetEnd = bareEnd(text, at, limit);
    if (targetEnd < 0) return null;
    at = targetEnd;
  }
  const afterBlank = skipBlank(text, at, limit);
  if (afterBlank >= limit) return null;
  if (text.charCodeAt(afterBlank) === CLOSE_PAREN) return { targetStart, targetEnd, end: afterBlank + 1 };
  if (afterBlank === at) return null;
  const title = titleEnd(text, afterBlank, limit);
  if (title < 0) return null;
  at = skipBlank(text, title, limit);
  if (at >= limit || text.charCodeAt(at) !== CLOSE_PAREN) return null;
  return { targetStart, targetEnd, end: at + 1 };
}

/** Whether a raw destination is a URL: a scheme as RFC 3986 section 3.1 of two or more characters, or `//host`. */
export function isExternal(text: string, start: number, end: number): boolean {
  const first = text.charCodeAt(start);
  if (first === SLASH) return start + 1 < end && text.charCodeAt(start + 1) === SLASH;
  if (start >= end || !isAsciiLetter(first)) return false;
  for (let at = start + 1; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === COLON) return at - start >= 2;
    if (!isAsciiLetter(code) && !isDigit(code) && code !== PLUS && code !== DASH && code !== DOT) return false;
  }
  return false;
}

/** Offset of the `#` that starts the subpath of the raw destination `start`..`end`, or `end` when it has none. */
export function subpathStart(text: string, start: number, end: number): number {
  for (let at = start; at < end; at++) {
    const code = text.charCodeAt(at);
    if (code === HASH) return at;
    if (code === BACKSLASH && isAsciiPunctuation(text.charCodeAt(at + 1))) at++;
  }
  return end;
}

const ESCAPED = /\\([!-/:-@[-`{-~])/g;

/** Decodes a raw destination: backslash escapes of punctuation, then percent-escapes. Never throws. */
export function decodeDestination(raw: string): string {
  return decodePercent(raw.includes('\\') ? raw.replace(ESCAPED, '$1') : raw);
}
