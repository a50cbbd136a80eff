import { isFieldValue, nameOfKey, nameOfSign, priorityOfSign, type TaskFieldName } from './fields.ts';

/** A piece of a task's text; all pieces in their order are the text, byte for byte. */
export type TaskPiece =
  | { kind: 'text'; text: string }
  | { kind: 'tag'; text: string }
  /** White space among the fields. */
  | { kind: 'space'; text: string }
  | { kind: 'block'; text: string }
  | { kind: 'field'; name: TaskFieldName; value: string; open: string; written: string; close: string };

export type TaskField = Extract<TaskPiece, { kind: 'field' }>;

/** What stands on a task's line after its checkbox. */
export interface TaskText {
  /** The description with the tags in it. */
  head: TaskPiece[];
  /** From the first field, or the tags directly before it, to the end of the line. */
  tail: TaskPiece[];
}

const VARIATION_SELECTOR = '\u{fe0f}';
/** A Dataview field is looked for no further back than this. */
const MAX_INLINE_FIELD_LENGTH = 2_000;
const VALUE_CHARACTER = /[A-Za-z0-9_, !-]/;
const NOT_IN_TAGS = /[\s!@#$%^&*(),.?":{}|<>]/;
const TAG = /(?<=^|\s)#[^\s!@#$%^&*(),.?":{}|<>]+/g;

function spaceStart(text: string, end: number): number {
  let start = end;
  while (start > 0 && /\s/.test(text.charAt(start - 1))) start--;
  return start;
}

/** The character (of one or two units) that ends at `end`, without a variation selector after it, and its start. */
function signBefore(text: string, end: number): { sign: string; start: number } {
  const last = text.charAt(end - 1) === VARIATION_SELECTOR ? end - 1 : end;
  const code = text.charCodeAt(last - 1);
  const start = last - (code >= 0xdc00 && code <= 0xdfff ? 2 : 1);
  return { sign: text.slice(start, last), start };
}

interface Found {
  piece: TaskPiece;
  start: number;
}

function readPriority(text: string, end: number): Found | undefined {
  const { sign, start } = signBefore(text, end);
  const value = priorityOfSign.get(sign);
  if (value === undefined) return undefined;
  const written = text.slice(start, end);
  return { piece: { kind: 'field', name: 'priority', value, open: '', written, close: '' }, start };
}

function readEmojiField(text: string, end: number): Found | undefined {
  let run = end;
  while (run > 0 && VALUE_CHARACTER.test(text.charAt(run - 1))) run--;
  if (run === 0) return undefined;
  const { sign, start } = signBefore(text, run);
  const name = nameOfSign.get(sign);
  if (name === undefined) return undefined;
  let valueStart = run;
  while (text.charAt(valueStart) === ' ') valueStart++;
  const value = text.slice(valueStart, end);
  if (!isFieldValue(name, value)) return undefined;
  const open = text.slice(start, valueStart);
  return { piece: { kind: 'field', name, value, open, written: value, close: '' }, start };
}

const brackets: Readonly<Record<string, string>> = { ']': '[', ')': '(' };

function readInlineField(text: string, end: number): Found | undefined {
  let close = end;
  if (text.charAt(close - 1) === ',') {
    close--;
    while (text.charAt(close - 1) === ' ') close--;
  }
  const bracket = brackets[text.charAt(close - 1)];
  if (bracket === undefined) return undefined;
  const start = text.lastIndexOf(bracket, close - 1);
  if (start < 0 || close - start > MAX_INLINE_FIELD_LENGTH) return undefined;
  const [, before = '', key = '', between = '', value = '', after = ''] =
    /^( *)(\w+)(:: *)(.*?)( *)$/.exec(text.slice(start + 1, close - 1)) ?? [];
  const name = nameOfKey.get(key);
  if (name === undefined || !isFieldValue(name, value)) return undefined;
  const open = bracket + before + key + between;
  const closing = after + text.slice(close - 1, end);
  return { piece: { kind: 'field', name, value, open, written: value, close: closing }, start };
}

function readTag(text: string, end: number): Found | undefined {
  let start = end;
  while (start > 0 && !NOT_IN_TAGS.test(text.charAt(start - 1))) start--;
  if (start === end || text.charAt(start - 1) !== '#') return undefined;
  start--;
  if (start > 0 && !/\s/.test(text.charAt(start - 1))) return undefined;
  return { piece: { kind: 'tag', text: text.slice(start, end) }, start };
}

function readBlock(text: string, end: number): Found | undefined {
  let start = end;
  while (start > 0 && /[A-Za-z0-9-]/.test(text.charAt(start - 1))) start--;
  if (start === end || text.charAt(start - 1) !== '^' || text.charAt(start - 2) !== ' ') return undefined;
  return { piece: { kind: 'block', text: text.slice(start - 1, end) }, start: start - 1 };
}

function splitHead(text: string): TaskPiece[] {
  const pieces: TaskPiece[] = [];
  let at = 0;
  for (const { 0: tag, index } of text.matchAll(TAG)) {
    if (index > at) pieces.push({ kind: 'text', text: text.slice(at, index) });
    pieces.push({ kind: 'tag', text: tag });
    at = index + tag.length;
  }
  if (at < text.length) pieces.push({ kind: 'text', text: text.slice(at) });
  return pieces;
}

/**
 * Reads what stands on a task's line after its checkbox, as the Obsidian Tasks documentation says ("Getting Started",
 * "Limitations and warnings"): backwards from the end of the line, fields with their values, tags and one block link,
 * until something else comes; that and what is before it is the description. Both the emoji and the Dataview form are
 * read. Takes time linear in the length of the text. Never throws.
 *
 * @param text of one line
 */
export function parseTaskText(text: string): TaskText {
  const tail: TaskPiece[] = [];
  let end = text.length;
  const take = ({ piece, start }: Found) => {
    tail.push(piece);
    end = start;
  };
  const skipSpace = () => {
    const start = spaceStart(text, end);
    if (start < end) take({ piece: { kind: 'space', text: text.slice(start, end) }, start });
  };
  skipSpace();
  const block = readBlock(text, end);
  if (block) {
    take(block);
    skipSpace();
  }
  while (end > 0) {
    const found =
      readInlineField(text, end) ?? readPriority(text, end) ?? readEmojiField(text, end) ?? readTag(text, end);
    if (!found) break;
    take(found);
    skipSpace();
  }
  return { head: splitHead(text.slice(0, end)), tail: tail.reverse() };
}

function printPiece(piece: TaskPiece): string {
  return piece.kind === 'field' ? piece.open + piece.written + piece.close : piece.text;
}

/** The text that was read, byte for byte, with whatever was changed since. */
export function printTaskText({ head, tail }: TaskText): string {
  return [...head, ...tail].map(printPiece).join('');
}
