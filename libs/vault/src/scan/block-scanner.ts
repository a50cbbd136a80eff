import {
  type BlockScanner,
  endChunk,
  endLeaf,
  enterQuote,
  FENCE,
  HTML,
  matchContainers,
  NONE,
  NOT_RESUMED,
  PARAGRAPH,
  QUOTE,
  skipIndent,
  startParagraph,
} from './block-state.ts';
import {
  BACKTICK,
  CR,
  DASH,
  EQUALS,
  GREATER,
  HASH,
  isDigit,
  LESS,
  OPEN_BRACKET,
  PLUS,
  STAR,
  TILDE,
  UNDERSCORE,
} from './characters.ts';
import { endsAtBlankLine, endsHtmlBlock, htmlBlockStart, NO_HTML } from './html-blocks.ts';
import { isAtxStart, readAtx, readSetext, readTask } from './leaf-blocks.ts';
import { fenceRunLength, isClosingFence, isThematicBreak, listMarkerLength, setextLevel } from './line-shapes.ts';

// Deeper nesting is read as text, which keeps the cost of a line bounded.
const MAX_DEPTH = 64;

const STARTS_BLOCK = new Uint8Array(128);
for (const character of '>#`~-+*_=<0123456789') STARTS_BLOCK[character.charCodeAt(0)] = 1;

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
    if (scanner.next < end) startParagraph(scanner, start, scanner.next, end, false);
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
  if (scanner.leaf === HTML) {
    const continues = matched === scanner.containers.length && !endsBlank(scanner, end);
    if (continues) {
      scanner.chunkEnd = end;
      if (endsHtmlBlock(scanner.htmlCondition, scanner.text, start, end)) scanner.leaf = NONE;
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

/** Whether the line is blank and ends the open HTML block. */
function endsBlank(scanner: BlockScanner, end: number): boolean {
  return scanner.next >= end && endsAtBlankLine(scanner.htmlCondition);
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
      const inList = continues && lazy && depth > 0 && depth < MAX_DEPTH && containers[depth - 1] !== QUOTE;
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
    } else if (code === LESS) {
      const condition = htmlBlockStart(text, at, end, lazy);
      if (condition === NO_HTML) break;
      const resume = open(scanner, depth, lazy);
      if (resume >= 0) return resume;
      scanner.htmlCondition = condition;
      scanner.leaf = endsHtmlBlock(condition, text, at, end) ? NONE : HTML;
      return NOT_RESUMED;
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
  startParagraph(scanner, start, scanner.next, end, true);
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

/** Scans the lines of the scanner's text from an offset on, which is the start of a line; the last block stays open. */
export function scanLines(scanner: BlockScanner, from: number): void {
  const { text } = scanner;
  let at = from;
  let resumed = false;
  while (at < text.length) {
    const found = text.indexOf('\n', at);
    const lineBreak = found < 0 ? text.length : found;
    const end = lineBreak > at && text.charCodeAt(lineBreak - 1) === CR ? lineBreak - 1 : lineBreak;
    const resume = scanLine(scanner, at, end, resumed);
    resumed = resume >= 0;
    at = resumed ? resume : lineBreak + 1;
    if (!resumed) scanner.line++;
  }
}

/** Ends what is still open at the end of the note. */
export function finish(scanner: BlockScanner): void {
  endLeaf(scanner);
}
