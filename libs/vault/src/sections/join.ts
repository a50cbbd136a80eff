import { scanLines } from '../scan/block-scanner.ts';
import { type BlockScanner, createBlockScanner, FENCE, HTML, PARAGRAPH, QUOTE } from '../scan/block-state.ts';
import { endsAtBlankLine } from '../scan/html-blocks.ts';

const BLOCK_ID = /(?:^|\s)\^[A-Za-z0-9-]+\s*$/;
const HARD_BREAK = /(?: {2}|\\)$/;
const FOOTNOTE = /^\[\^[^\]\s]+\]:/;
const DEFINITION = /^\[[^\]]+\]:/;
const DELIMITER_ROW = /^\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?[ \t]*$/;
const BULLET = /^ {0,3}[-*+](?:[ \t]|$)/;
const NUMBERED = /^ {0,3}\d{1,9}[.)](?:[ \t]|$)/;
const FIRST_ITEM = /^ {0,3}(?:[-*+]|1[.)])[ \t]+\S/;
const UNDERLINE = /^ {0,3}(?:-+|=+)[ \t]*$/;
const BREAK = /^ {0,3}(?:(?:\*[ \t]*){3,}|(?:-[ \t]*){3,}|(?:_[ \t]*){3,})$/;
const HEADING = /^ {0,3}#{1,6}(?:[ \t]|$)/;
/** The text after backticks has none (CommonMark 0.31 section 4.5). */
const OPENS_FENCE = /^ {0,3}(?:`{3,}[^`]*$|~~~)/;
const OPENS_QUOTE = /^ {0,3}>/;
const ROW = /^ {0,3}\|/;

/** What a text ends in. */
interface Ending {
  kind: 'paragraph' | 'list' | 'quote' | 'table' | 'footnote' | 'html' | 'none';
  /** Whether the last line names its block, or asks for a line break after it. */
  isClosed: boolean;
}

function isRowOf(line: string): boolean {
  return line.includes('|') && DELIMITER_ROW.test(line.trim());
}

/** Scans a text up to its last line, whose block stays open. */
function scanOpen(text: string): BlockScanner {
  const scanner = createBlockScanner(text);
  scanLines(scanner, 0);
  return scanner;
}

function endingOf(text: string): Ending {
  const lines = text.split(/\r?\n/);
  const last = lines.at(-1) ?? '';
  const isClosed = BLOCK_ID.test(last) || HARD_BREAK.test(last);
  const scanner = scanOpen(text);
  if (scanner.leaf === HTML) return { kind: endsAtBlankLine(scanner.htmlCondition) ? 'html' : 'none', isClosed: false };
  if (scanner.leaf === FENCE) return { kind: 'none', isClosed: false };
  const [outermost] = scanner.containers;
  if (outermost !== undefined) return { kind: outermost === QUOTE ? 'quote' : 'list', isClosed };
  if (scanner.leaf !== PARAGRAPH) return { kind: 'none', isClosed: false };
  const leaf = text.slice(scanner.leafStart, scanner.leafEnd);
  if (FOOTNOTE.test(leaf)) return { kind: 'footnote', isClosed };
  return { kind: leaf.split(/\r?\n/).slice(1).some(isRowOf) ? 'table' : 'paragraph', isClosed };
}

/** Whether a line begins a block wherever it stands, also within a paragraph. */
function interrupts(line: string): boolean {
  return HEADING.test(line) || OPENS_FENCE.test(line) || OPENS_QUOTE.test(line) || FIRST_ITEM.test(line);
}

/** Whether the first block of a text would lose its meaning if a paragraph stood right before it. */
function isTakenByParagraph(text: string): boolean {
  const [first = '', second = ''] = text.split(/\r?\n/, 2);
  if (UNDERLINE.test(first) || BREAK.test(first)) return true;
  if (interrupts(first)) return false;
  if (NUMBERED.test(first) || BULLET.test(first) || /^(?: {4}|\t)/.test(first)) return true;
  if (DEFINITION.test(first) || /^ {0,3}</.test(first) || isRowOf(second)) return true;
  const paragraph = text.split(/\r?\n[ \t]*(?:\r?\n|$)/, 1)[0] ?? '';
  // A setext heading and a block id would take in the lines before.
  return paragraph.split(/\r?\n/).some((line, index) => BLOCK_ID.test(line) || (index > 0 && UNDERLINE.test(line)));
}

/**
 * Whether a text needs a blank line before another one, so that neither changes the meaning of the other.
 *
 * Takes both texts without the line breaks between them. None is needed between items of a list, rows of a table and
 * lines of a paragraph; one is where the second text would become part of a quote, list item, footnote, table, HTML
 * block or heading, where a block id would not end its block any more, and after a hard line break. Never throws.
 */
export function needsBlankLine(before: string, after: string): boolean {
  if (before.trim() === '' || after.trim() === '') return false;
  const { kind, isClosed } = endingOf(before);
  const [first = ''] = after.split(/\r?\n/, 1);
  switch (kind) {
    case 'none':
      return UNDERLINE.test(first) && !HEADING.test(before.split(/\r?\n/).at(-1) ?? '');
    case 'table':
      return !ROW.test(first);
    case 'list':
      return !(BULLET.test(first) || NUMBERED.test(first) || HEADING.test(first) || OPENS_FENCE.test(first));
    case 'quote':
      return !(HEADING.test(first) || OPENS_FENCE.test(first) || FIRST_ITEM.test(first));
    case 'footnote':
      return !(FOOTNOTE.test(first) || HEADING.test(first));
    case 'html':
      return true;
    case 'paragraph':
      return isTakenByParagraph(after) || (isClosed && !interrupts(first));
  }
}
