import { type BlockScanner, endChunk, endLeaf, NOT_RESUMED, startParagraph } from './block-state.ts';
import { CLOSE_BRACKET, GREATER, HASH, SPACE, TAB } from './characters.ts';
import { scanInline } from './inline.ts';
import { headingContentEnd } from './line-shapes.ts';

/** Reads the checkbox at the start of a list item; whether there was one. */
export function readTask(
  scanner: BlockScanner,
  start: number,
  end: number,
  markerStart: number,
  marker: number,
  column: number,
): boolean {
  const { text } = scanner;
  const statusStart = scanner.next + 1;
  const point = text.codePointAt(statusStart) ?? 0;
  const close = statusStart + (point > 0xffff ? 2 : 1);
  if (close >= end || text.charCodeAt(close) !== CLOSE_BRACKET) return false;
  let textStart = close + 1;
  const after = textStart < end ? text.charCodeAt(textStart) : SPACE;
  if (after !== SPACE && after !== TAB) return false;
  while (textStart < end && (text.charCodeAt(textStart) === SPACE || text.charCodeAt(textStart) === TAB)) textStart++;
  let textEnd = end;
  while (textEnd > textStart && (text.charCodeAt(textEnd - 1) === SPACE || text.charCodeAt(textEnd - 1) === TAB)) {
    textEnd--;
  }
  scanner.tasks.push({
    start,
    end,
    line: scanner.line,
    indent: column - quoteColumns(text, start, markerStart),
    marker: text.slice(markerStart, markerStart + marker),
    status: text.slice(statusStart, close),
    statusStart,
    textStart,
    text: text.slice(textStart, textEnd),
  });
  startParagraph(scanner, start, textStart, end, false);
  return true;
}

/** Columns taken by the quote markers of a line, one white space after each included. */
function quoteColumns(text: string, start: number, markerStart: number): number {
  let columns = 0;
  let column = 0;
  for (let at = start; at < markerStart; at++) {
    const code = text.charCodeAt(at);
    column += code === TAB ? 4 - (column % 4) : 1;
    if (code === GREATER) {
      const after = text.charCodeAt(at + 1);
      columns = column + (after === SPACE || after === TAB ? 1 : 0);
    }
  }
  return columns;
}

/** Whether an ATX heading starts at `from`. CommonMark 0.31 section 4.2. */
export function isAtxStart(text: string, from: number, end: number): boolean {
  let at = from;
  while (at < end && text.charCodeAt(at) === HASH) at++;
  if (at - from > 6) return false;
  if (at >= end) return true;
  const code = text.charCodeAt(at);
  return code === SPACE || code === TAB;
}

/** Reads the ATX heading the scanner is at. */
export function readAtx(scanner: BlockScanner, start: number, end: number): number {
  const { text } = scanner;
  endChunk(scanner);
  scanner.endsHeading = true;
  let contentStart = scanner.next;
  while (contentStart < end && text.charCodeAt(contentStart) === HASH) contentStart++;
  const level = contentStart - scanner.next;
  while (contentStart < end && (text.charCodeAt(contentStart) === SPACE || text.charCodeAt(contentStart) === TAB)) {
    contentStart++;
  }
  const contentEnd = headingContentEnd(text, contentStart, end);
  const { line } = scanner;
  if (scanner.containers.length === 0) {
    scanner.headings.push({ level, text: text.slice(contentStart, contentEnd).trim(), start, end, line });
  }
  scanInline(scanner.inline, contentStart, contentEnd, line, false);
  return NOT_RESUMED;
}

/** Makes the open paragraph a heading; returns as `endLeaf`. */
export function readSetext(scanner: BlockScanner, end: number, level: number): number {
  const { text, leafStart, leafEnd, leafLine, leafLineStart } = scanner;
  const resume = endLeaf(scanner);
  if (resume >= 0) return resume;
  if (scanner.containers.length === 0) {
    const content = text.slice(leafStart, leafEnd).trim();
    scanner.headings.push({
      level,
      text: content.includes('\n') ? content.replace(/[ \t]*\r?\n[ \t]*/g, ' ') : content,
      start: leafLineStart,
      end,
      line: leafLine,
    });
  }
  scanner.endsHeading = true;
  return NOT_RESUMED;
}
