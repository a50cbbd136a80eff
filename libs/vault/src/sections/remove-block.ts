import { nextLineStart } from '../scan/line-break.ts';
import type { BlockId } from '../scan/types.ts';

/** What stands before the text of a block on its line: markers of quotes, lists, checkboxes, headings and footnotes. */
const MARKERS = /^(?:[\s>]|[-*+](?=\s)|\d{1,9}[.)](?=\s)|\[.\](?=\s)|#{1,6}(?=\s)|\[\^[^\]\s]+\]:)*$/;
/** A line of white space and quote markers alone. */
const EMPTY = /^[\s>]*$/;

function lineStartOf(text: string, at: number): number {
  return text.lastIndexOf('\n', at - 1) + 1;
}

/**
 * Takes a block out of a note with its id and its markers, and one of the empty lines that would then follow each other.
 *
 * @param bodyStart where the note begins after its frontmatter
 * @returns the text without the lines that the block was on
 */
export function removeBlock(text: string, block: BlockId, bodyStart: number): string {
  const first = lineStartOf(text, block.blockStart);
  const start = MARKERS.test(text.slice(first, block.blockStart)) ? first : block.blockStart;
  const end = nextLineStart(text, block.end);
  if (start !== first) return text.slice(0, start).trimEnd() + text.slice(block.end);
  const before = start <= bodyStart ? null : lineStartOf(text, start - 1);
  const isEmptyBefore = before === null || EMPTY.test(text.slice(before, start));
  let after = end;
  while (isEmptyBefore && before === null && after < text.length && isEmptyLine(text, after)) {
    after = nextLineStart(text, after);
  }
  const isEmptyAfter = end >= text.length || isEmptyLine(text, end);
  return text.slice(0, before !== null && isEmptyBefore && isEmptyAfter ? before : start) + text.slice(after);
}

function isEmptyLine(text: string, at: number): boolean {
  return EMPTY.test(text.slice(at, nextLineStart(text, at)));
}
