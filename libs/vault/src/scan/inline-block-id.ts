import { CR, DASH, GREATER, isAsciiLetter, isDigit, isWhitespace, LF, SPACE, TAB } from './characters.ts';
import type { InlineState } from './inline-state.ts';

function trimmedEnd(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && isWhitespace(text.charCodeAt(end - 1))) end--;
  return end;
}

const FOOTNOTE_LABEL = /\[\^[^\]\s]+\]:[ \t]*/y;

function afterFootnoteLabel(text: string, from: number, at: number): number {
  FOOTNOTE_LABEL.lastIndex = from;
  return FOOTNOTE_LABEL.test(text) && FOOTNOTE_LABEL.lastIndex <= at ? FOOTNOTE_LABEL.lastIndex : from;
}

/** Whether nothing but white space and quote markers stands before an offset on its line. */
function isFirstOnLine(text: string, at: number): boolean {
  let before = at;
  while (before > 0 && (isWhitespace(text.charCodeAt(before - 1)) || text.charCodeAt(before - 1) === GREATER)) {
    if (text.charCodeAt(before - 1) === LF) return true;
    before--;
  }
  return before === 0;
}

/**
 * What an id names: the text before it in its paragraph, or, when it stands alone in a line, the block before it. At the
 * top of a note and in an empty list item it names nothing: an empty range where it stands itself.
 */
function blockOf(state: InlineState, at: number, from: number): { blockStart: number; blockEnd: number } {
  const { text } = state;
  if (at !== from) return { blockStart: afterFootnoteLabel(text, from, at), blockEnd: trimmedEnd(text, from, at) };
  const namesPrevious = state.previousStart >= 0 && isFirstOnLine(text, at);
  return namesPrevious
    ? { blockStart: state.previousStart, blockEnd: state.previousEnd }
    : { blockStart: at, blockEnd: at };
}

/**
 * Reads the block id whose `^` stands at `at` in the leaf `from`..`end`, if it is the last thing in it.
 *
 * Adds it to the state and returns the offset to go on at. Obsidian's documentation ("Internal links", "Link to a
 * block"): letters, digits and hyphens at the end of a block, or alone in a line after it.
 */
export function readBlockId(state: InlineState, at: number, from: number, end: number, line: number): number {
  const { text } = state;
  let stop = at + 1;
  while (stop < end) {
    const code = text.charCodeAt(stop);
    if (!isAsciiLetter(code) && !isDigit(code) && code !== DASH) break;
    stop++;
  }
  if (stop === at + 1) return stop;
  let rest = stop;
  while (rest < end) {
    const code = text.charCodeAt(rest);
    if (code !== SPACE && code !== TAB && code !== CR) return stop;
    rest++;
  }
  const { blockStart, blockEnd } = blockOf(state, at, from);
  state.blocks.push({ id: text.slice(at + 1, stop), start: at, end: stop, line, blockStart, blockEnd });
  return stop;
}
