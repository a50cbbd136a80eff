import { GREATER, isAsciiLetter, isDigit, SLASH, SPACE, TAB } from './characters.ts';
import { closingTagEnd, openTagEnd } from './raw-html.ts';

/**
 * Start conditions of HTML blocks (CommonMark 0.31 section 4.6). Condition 2, a comment, is not among them: it is hidden
 * wherever it stands, and what follows it on its last line is markdown, as Obsidian shows it.
 */
export const NO_HTML = 0;
const RAW_TEXT = 1;
const INSTRUCTION = 3;
const DECLARATION = 4;
const CDATA = 5;
const BLOCK_TAG = 6;
const ANY_TAG = 7;

const RAW_TEXT_NAMES = new Set(['pre', 'script', 'style', 'textarea']);
const BLOCK_NAMES = new Set(
  `address article aside base basefont blockquote body caption center col colgroup dd details dialog dir div dl dt
  fieldset figcaption figure footer form frame frameset h1 h2 h3 h4 h5 h6 head header hr html iframe legend li link main
  menu menuitem nav noframes ol optgroup option p param search section summary table tbody td tfoot th thead title tr
  track ul`.split(/\s+/),
);
const MAX_NAME_LENGTH = 'blockquote'.length;
const RAW_TEXT_END = /<\/(?:pre|script|style|textarea)>/i;
const ENDS: Readonly<Record<number, string>> = {
  [INSTRUCTION]: '?>',
  [DECLARATION]: '>',
  [CDATA]: ']]>',
};

/** The tag's name at `from` in lower case, or '' for none that begins a block. */
function tagName(text: string, from: number, end: number): string {
  let at = from;
  while (at < end && at - from <= MAX_NAME_LENGTH) {
    const code = text.charCodeAt(at);
    if (!isAsciiLetter(code) && !(at > from && isDigit(code))) break;
    at++;
  }
  return text.slice(from, at).toLowerCase();
}

function isTagBoundary(text: string, at: number, end: number): boolean {
  const code = text.charCodeAt(at);
  return at >= end || code === SPACE || code === TAB || code === GREATER;
}

/** Whether a whole tag and nothing else stands on the line. */
function isLoneTag(text: string, from: number, end: number): boolean {
  const stop =
    text.charCodeAt(from + 1) === SLASH ? closingTagEnd(text, from + 2, end) : openTagEnd(text, from + 1, end);
  return stop > 0 && text.slice(stop, end).trim() === '';
}

/**
 * Which start condition of HTML blocks a line meets.
 *
 * Takes the text, the offset of a `<` and the end of the line; returns its number, or 0 for none.
 *
 * @param interrupts whether a paragraph would be interrupted, which condition 7 cannot
 */
export function htmlBlockStart(text: string, from: number, end: number, interrupts: boolean): number {
  const next = from + 1;
  if (text[next] === '?') return INSTRUCTION;
  if (text.startsWith('![CDATA[', next)) return CDATA;
  if (text[next] === '!') return isAsciiLetter(text.charCodeAt(next + 1)) ? DECLARATION : NO_HTML;
  const isClosing = text.charCodeAt(next) === SLASH;
  const nameStart = isClosing ? next + 1 : next;
  const name = tagName(text, nameStart, end);
  const after = nameStart + name.length;
  if (!isClosing && RAW_TEXT_NAMES.has(name) && isTagBoundary(text, after, end)) return RAW_TEXT;
  const closesItself = text.charCodeAt(after) === SLASH && text.charCodeAt(after + 1) === GREATER;
  if (BLOCK_NAMES.has(name) && (closesItself || isTagBoundary(text, after, end))) return BLOCK_TAG;
  return !interrupts && isLoneTag(text, from, end) ? ANY_TAG : NO_HTML;
}

/** Whether a blank line ends the block of a start condition. */
export function endsAtBlankLine(condition: number): boolean {
  return condition >= BLOCK_TAG;
}

/** Whether a line of an HTML block, its first included, meets the end condition. Takes the line's range. */
export function endsHtmlBlock(condition: number, text: string, from: number, end: number): boolean {
  if (endsAtBlankLine(condition)) return false;
  const line = text.slice(from, end);
  return condition === RAW_TEXT ? RAW_TEXT_END.test(line) : line.includes(ENDS[condition] ?? '');
}
