import type { YamlStyle } from '../scan/types.ts';

/** The string value of a scalar, and where its characters are written. */
export interface PropertyText {
  style: YamlStyle;
  value: string;
  /** Range of the scalar in the note, its quotes included. */
  start: number;
  end: number;
  /** Offset in the note of the character at an index of the value; of its length, the end of the written value. */
  offsetOf(index: number): number;
}

const ESCAPES: Readonly<Record<string, string>> = {
  '0': '\0',
  a: '\x07',
  b: '\b',
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  e: '\x1b',
  ' ': ' ',
  '"': '"',
  '/': '/',
  '\\': '\\',
  N: '\x85',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};
const CODE = /\\(?:x([0-9A-Fa-f]{2})|u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8}))/y;
const FOLD = /[ \t]*\r?\n[ \t]*/y;
const JOINED_LINE = /\\\r?\n[ \t]*/y;

interface Piece {
  value: string;
  length: number;
}

/** The part of a quoted or plain scalar at an offset (YAML 1.2 sections 5.7, 6.5 and 7.3). */
function pieceAt(text: string, at: number, end: number, style: YamlStyle): Piece {
  const character = text[at] ?? '';
  if (style === 'single' && character === "'" && text[at + 1] === "'") return { value: "'", length: 2 };
  if (style === 'double' && character === '\\') {
    CODE.lastIndex = at;
    const code = CODE.exec(text);
    if (code) {
      const point = Number.parseInt(code[1] ?? code[2] ?? code[3] ?? '', 16);
      return { value: point > 0x10ffff ? '\ufffd' : String.fromCodePoint(point), length: code[0].length };
    }
    JOINED_LINE.lastIndex = at;
    if (JOINED_LINE.test(text)) return { value: '', length: JOINED_LINE.lastIndex - at };
    return { value: ESCAPES[text[at + 1] ?? ''] ?? text[at + 1] ?? '', length: 2 };
  }
  if (character === ' ' || character === '\t' || character === '\r' || character === '\n') {
    FOLD.lastIndex = at;
    if (FOLD.test(text) && FOLD.lastIndex <= end) return { value: ' ', length: FOLD.lastIndex - at };
  }
  return { value: character, length: 1 };
}

/**
 * Reads the value of a scalar as it is written in a note.
 *
 * Takes the note's text, the range of the scalar without its quotes and its style; never throws. A block scalar's value
 * is its lines as they are written.
 */
export function propertyText(text: string, start: number, end: number, style: YamlStyle): PropertyText {
  const quotes = style === 'single' || style === 'double' ? 1 : 0;
  const range = { style, start: start - quotes, end: end + quotes };
  const written = text.slice(start, end);
  const isAsWritten = style === 'block' || !/[\n\\]|''/.test(written);
  if (isAsWritten) return { ...range, value: written, offsetOf: (index) => start + index };
  const offsets: number[] = [];
  let value = '';
  for (let at = start; at < end; ) {
    const piece = pieceAt(text, at, end, style);
    for (let unit = 0; unit < piece.value.length; unit++) offsets.push(at);
    value += piece.value;
    at += piece.length;
  }
  return { ...range, value, offsetOf: (index) => offsets[index] ?? end };
}

/** A part of a value as a scalar of a style has it written. */
export function escapeFor(style: YamlStyle, part: string): string {
  if (style === 'single') return part.replaceAll("'", "''");
  return style === 'double' ? JSON.stringify(part).slice(1, -1) : part;
}
