import { GREATER, SPACE, TAB } from './characters.ts';
import { NO_HTML } from './html-blocks.ts';
import { scanInline } from './inline.ts';
import { createInlineState, type InlineState } from './inline-state.ts';
import { readDefinitions } from './reference-definitions.ts';
import type { Heading, TaskLine } from './types.ts';

/** A quote among the containers. */
export const QUOTE = 0;
/** Kinds of open leaf block. */
export const NONE = 0;
export const PARAGRAPH = 1;
export const FENCE = 2;
export const HTML = 3;
/** Nothing ran on: go on with the next line. */
export const NOT_RESUMED = -1;

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
  /** Start condition of the open HTML block. */
  htmlCondition: number;
  /** Whether the open paragraph may begin with link reference definitions. */
  mayDefine: boolean;
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
    htmlCondition: NO_HTML,
    mayDefine: false,
    next: 0,
    nextColumn: 0,
    base: 0,
    chunkStart: -1,
    chunkEnd: 0,
    endsHeading: false,
  };
}

/** Moves to the first character after the indentation at `from`, which stands in `column`. */
export function skipIndent(scanner: BlockScanner, from: number, end: number, column: number): void {
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

/** Consumes the `>` the scanner is at and one white space after it. */
export function enterQuote(scanner: BlockScanner, end: number): void {
  const column = scanner.nextColumn + 1;
  const at = scanner.next + 1;
  const after = at < end ? scanner.text.charCodeAt(at) : 0;
  scanner.base = after === SPACE || after === TAB ? column + 1 : column;
  skipIndent(scanner, at, end, column);
}

/** Number of open containers the line goes on with; consumes their markers and indentation. */
export function matchContainers(scanner: BlockScanner, end: number): number {
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
export function endLeaf(scanner: BlockScanner): number {
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
  const { at, line } = readLeafDefinitions(scanner);
  if (at >= scanner.leafEnd) return NOT_RESUMED;
  const stop = scanInline(inline, at, scanner.leafEnd, line, true);
  if (stop <= scanner.leafEnd) return NOT_RESUMED;
  scanner.line = inline.line;
  return stop;
}

function lineEndBefore(text: string, lineStart: number): number {
  let at = lineStart;
  while (at > 0 && (text.charCodeAt(at - 1) === 10 || text.charCodeAt(at - 1) === 13)) at--;
  return at;
}

/** What is left of the open paragraph after the definitions at its start, and its line. */
export function readLeafDefinitions(scanner: BlockScanner): { at: number; line: number } {
  const { inline, leafStart, leafEnd, leafLine } = scanner;
  return scanner.mayDefine ? readDefinitions(inline, leafStart, leafEnd, leafLine) : { at: leafStart, line: leafLine };
}

/**
 * Opens a paragraph whose text is `from`..`end` so far.
 *
 * @param mayDefine whether it stands at the start of a block, where link reference definitions may be
 */
export function startParagraph(
  scanner: BlockScanner,
  lineStart: number,
  from: number,
  end: number,
  mayDefine: boolean,
): void {
  scanner.mayDefine = mayDefine;
  scanner.leaf = PARAGRAPH;
  scanner.leafStart = from;
  scanner.leafEnd = end;
  scanner.leafLine = scanner.line;
  scanner.leafLineStart = lineStart;
}

/** Ends a run of lines; a `^id` standing alone after it names it. */
export function endChunk(scanner: BlockScanner): void {
  if (scanner.chunkStart < 0) return;
  scanner.inline.previousStart = scanner.chunkStart;
  scanner.inline.previousEnd = scanner.chunkEnd;
  scanner.chunkStart = -1;
}
