import {
  BACKTICK,
  CLOSE_BRACKET,
  DASH,
  EQUALS,
  GREATER,
  HASH,
  isDigit,
  OPEN_BRACKET,
  PLUS,
  SPACE,
  STAR,
  TAB,
  TILDE,
  UNDERSCORE,
} from './characters.ts';
import { createInlineState, type InlineState, scanInline } from './inline.ts';
import {
  fenceRunLength,
  headingContentEnd,
  isClosingFence,
  isThematicBreak,
  listMarkerLength,
  setextLevel,
} from './line-shapes.ts';
import type { Heading, TaskLine } from './types.ts';

const QUOTE = 0;
const NONE = 0;
const PARAGRAPH = 1;
const FENCE = 2;
// Deeper nesting is read as text, which keeps the cost of a line bounded.
const MAX_DEPTH = 64;
const NOT_RESUMED = -1;

/** The state of the block structure while a note is scanned line by line. */
export interface BlockScanner {
  readonly text: string;
  readonly inline: InlineState;
  readonly headings: Heading[];
  readonly tasks: TaskLine[];
  /** Open containers, outermost first: 0 for a quote, the content's columns for a list item. */
  readonly containers: number[];
  line: number;
  leaf: number;
  leafStart: number;
  leafEnd: number;
  leafLine: number;
  leafLineStart: number;
  fenceCode: number;
  fenceLength: number;
  /** First character of the current line that is not indentation, its column, and the column consumed so far. */
  next: number;
  nextColumn: number;
  base: number;
  /** Start of the run of non-blank lines the scan is in (-1 in none) and end of its last line. */
  chunkStart: number;
  chunkEnd: number;
  /** Whether the current line completed a heading. */
  endsHeading: boolean;
}

const STARTS_BLOCK = new Uint8Array(128);
for (const character of '>#`~-+*_=0123456789') STARTS_BLOCK[character.charCodeAt(0)] = 1;

/** A scanner for one note's text, at its first line. */
export function createBlockScanner(text: string): BlockScanner {
  return {
    text,
    inline: createInlineState(text),
    headings: [],
    tasks: [],
    containers: [],
    line: 1,
    leaf: NONE,
    leafStart: 0,
    leafEnd: 0,
    leafLine: 1,
    leafLineStart: 0,
    fenceCode: 0,
    fenceLength: 0,
    next: 0,
    nextColumn: 0,
    base: 0,
    chunkStart: -1,
    chunkEnd: 0,
    endsHeading: false,
  };
}

function skipIndent(scanner: BlockScanner, from: number, end: number, column: number): void {
  const { text } = scanner;
  let at = from;
  let to = column;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (code === SPACE) to++;
    else if (code === TAB) to += 4 - (to % 4);
    else break;
    at++;
  }
  scanner.next = at;
  scanner.nextColumn = to;
}

function enterQuote(scanner: BlockScanner, end: number): void {
  const column = scanner.nextColumn + 1;
  const at = scanner.next + 1;
  const after = at < end ? scanner.text.charCodeAt(at) : 0;
  scanner.base = after === SPACE || after === TAB ? column + 1 : column;
  skipIndent(scanner, at, end, column);
}

function matchContainers(scanner: BlockScanner, end: number): number {
  const { text, containers } = scanner;
  let matched = 0;
  while (matched < containers.length) {
    const width = containers[matched] ?? QUOTE;
    if (width === QUOTE) {
      if (scanner.next >= end || text.charCodeAt(scanner.next) !== GREATER) break;
      if (scanner.nextColumn - scanner.base > 3) break;
      enterQuote(scanner, end);
    } else if (scanner.next < end) {
      if (scanner.nextColumn - scanner.base < width) break;
      scanner.base += width;
    }
    matched++;
  }
  return matched;
}

/** Ends the open paragraph; returns where scanning has to go on when a construct in it ran on, else -1. */
function endLeaf(scanner: BlockScanner): number {
  if (scanner.leaf !== PARAGRAPH) {
    scanner.leaf = NONE;
    return NOT_RESUMED;
  }
  scanner.leaf = NONE;
  const { inline, chunkStart, leafLineStart } = scanner;
  if (chunkStart >= 0 && chunkStart < leafLineStart) {
    inline.previousStart = chunkStart;
    inline.previousEnd = lineEndBefore(scanner.text, leafLineStart);
  }
  const stop = scanInline(inline, scanner.leafStart, scanner.leafEnd, scanner.leafLine, true);
  if (stop <= scanner.leafEnd) return NOT_RESUMED;
  scanner.line = inline.line;
  return stop;
}

function lineEndBefore(text: string, lineStart: number): number {
  let at = lineStart;
  while (at > 0 && (text.charCodeAt(at - 1) === 10 || text.charCodeAt(at - 1) === 13)) at--;
  return at;
}

function startParagraph(scanner: BlockScanner, lineStart: number, from: number, end: number): void {
  scanner.leaf = PARAGRAPH;
  scanner.leafStart = from;
  scanner.leafEnd = end;
  scanner.leafLine = scanner.line;
  scanner.leafLineStart = lineStart;
}

function endChunk(scanner: BlockScanner): void {
  if (scanner.chunkStart < 0) return;
  scanner.inline.previousStart = scanner.chunkStart;
  scanner.inline.previousEnd = scanner.chunkEnd;
  scanner.chunkStart = -1;
}

/**
 * Scans one line of a note's body.
 *
 * Takes the scanner, the range of the line without its line break (or, when `resumed`, of what is left of it after a
 * construct that ran over several lines). Returns -1, or the offset at which scanning has to go on because such a
 * construct began earlier and swallowed this line.
 */
export function scanLine(scanner: BlockScanner, start: number, end: number, resumed: boolean): number {
  skipIndent(scanner, start, end, 0);
  scanner.base = 0;
  if (resumed) {
    scanner.leaf = NONE;
    scanner.chunkEnd = end;
    if (scanner.next < end) startParagraph(scanner, start, scanner.next, end);
    return NOT_RESUMED;
  }
  const matched = scanner.containers.length === 0 ? 0 : matchContainers(scanner, end);

  if (scanner.leaf === FENCE) {
    if (matched === scanner.containers.length) {
      scanner.chunkEnd = end;
      const indent = scanner.nextColumn - scanner.base;
      if (indent <= 3 && isClosingFence(scanner.text, scanner.next, end, scanner.fenceCode, scanner.fenceLength)) {
        scanner.leaf = NONE;
      }
      return NOT_RESUMED;
    }
    scanner.leaf = NONE;
  }
  if (scanner.next >= end) {
    const resume = endLeaf(scanner);
    if (resume >= 0) return resume;
    scanner.containers.length = matched;
    endChunk(scanner);
    return NOT_RESUMED;
  }
  const resume = scanBlocks(scanner, start, end, matched);
  if (resume < 0) {
    if (scanner.chunkStart < 0) scanner.chunkStart = start;
    scanner.chunkEnd = end;
    if (scanner.endsHeading) endChunk(scanner);
    scanner.endsHeading = false;
  }
  return resume;
}

function scanBlocks(scanner: BlockScanner, start: number, end: number, matched: number): number {
  const { text, containers } = scanner;
  let lazy = scanner.leaf === PARAGRAPH;
  const continues = lazy && matched === containers.length;
  let depth = matched;
  for (;;) {
    const at = scanner.next;
    const code = text.charCodeAt(at);
    const indent = scanner.nextColumn - scanner.base;
    let marker = 0;
    if (indent >= 4) {
      // Obsidian nests list items however far they are indented.
      const inList = lazy && continues && depth > 0 && containers[depth - 1] !== QUOTE;
      marker = inList ? listMarkerLength(text, at, end, true) : 0;
      if (marker === 0) {
        if (lazy) break;
        containers.length = depth;
        return NOT_RESUMED;
      }
    } else if (code > 127 || STARTS_BLOCK[code] === 0) {
      break;
    } else if (code === GREATER) {
      if (depth >= MAX_DEPTH) break;
      const resume = open(scanner, depth, lazy);
      if (resume >= 0) return resume;
      lazy = false;
      containers.push(QUOTE);
      depth++;
      enterQuote(scanner, end);
      if (scanner.next >= end) return NOT_RESUMED;
      continue;
    } else if (code === HASH) {
      if (!isAtxStart(text, at, end)) break;
      const resume = open(scanner, depth, lazy);
      return resume >= 0 ? resume : readAtx(scanner, start, end);
    } else if (code === BACKTICK || code === TILDE) {
      const run = fenceRunLength(text, at, end, code);
      if (run === 0) break;
      const resume = open(scanner, depth, lazy);
      if (resume >= 0) return resume;
      scanner.leaf = FENCE;
      scanner.fenceCode = code;
      scanner.fenceLength = run;
      return NOT_RESUMED;
    } else {
      if (continues && lazy && (code === EQUALS || code === DASH)) {
        const level = setextLevel(text, at, end, code);
        if (level > 0) return readSetext(scanner, end, level);
      }
      if ((code === DASH || code === STAR || code === UNDERSCORE) && isThematicBreak(text, at, end, code)) {
        return open(scanner, depth, lazy);
      }
      if (code === DASH || code === STAR || code === PLUS || isDigit(code)) {
        marker = listMarkerLength(text, at, end, continues && lazy);
      }
      if (marker === 0 || depth >= MAX_DEPTH) break;
    }
    const resume = open(scanner, depth, lazy);
    if (resume >= 0) return resume;
    lazy = false;
    const column = scanner.nextColumn;
    enterItem(scanner, marker, end);
    depth++;
    if (scanner.next >= end) return NOT_RESUMED;
    if (scanner.nextColumn - scanner.base < 4 && text.charCodeAt(scanner.next) === OPEN_BRACKET) {
      if (readTask(scanner, start, end, at, marker, column)) return NOT_RESUMED;
    }
  }
  if (lazy) {
    scanner.leafEnd = end;
    return NOT_RESUMED;
  }
  containers.length = depth;
  startParagraph(scanner, start, scanner.next, end);
  return NOT_RESUMED;
}

/** Makes room for a new block: ends the paragraph and the containers that do not go on. */
function open(scanner: BlockScanner, depth: number, lazy: boolean): number {
  if (lazy) {
    const resume = endLeaf(scanner);
    if (resume >= 0) return resume;
  }
  scanner.leaf = NONE;
  scanner.containers.length = depth;
  return NOT_RESUMED;
}

function enterItem(scanner: BlockScanner, marker: number, end: number): void {
  const column = scanner.nextColumn + marker;
  const before = scanner.base;
  skipIndent(scanner, scanner.next + marker, end, column);
  const gap = scanner.nextColumn - column;
  const padding = scanner.next >= end || gap >= 5 ? 1 : gap;
  scanner.base = column + padding;
  scanner.containers.push(scanner.base - before);
}

function readTask(
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
  startParagraph(scanner, start, textStart, end);
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

function isAtxStart(text: string, from: number, end: number): boolean {
  let at = from;
  while (at < end && text.charCodeAt(at) === HASH) at++;
  if (at - from > 6) return false;
  if (at >= end) return true;
  const code = text.charCodeAt(at);
  return code === SPACE || code === TAB;
}

function readAtx(scanner: BlockScanner, start: number, end: number): number {
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

function readSetext(scanner: BlockScanner, end: number, level: number): number {
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

/** Ends what is still open at the end of the note. */
export function finish(scanner: BlockScanner): void {
  endLeaf(scanner);
}
