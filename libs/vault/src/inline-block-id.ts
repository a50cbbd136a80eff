import { CR, DASH, isAsciiLetter, isDigit, isWhitespace, SPACE, TAB } from './characters.ts';
import type { InlineState } from './inline-state.ts';

function trimmedEnd(text: string, from: number, to: number): number {
  let end = to;
  while (end > from && isWhitespace(text.charCodeAt(end - 1))) end--;
  return end;
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
  const alone = at === from;
  const blockStart = alone ? state.previousStart : from;
  const blockEnd = alone ? state.previousEnd : trimmedEnd(text, from, at);
  state.blocks.push({ id: text.slice(at + 1, stop), start: at, end: stop, line, blockStart, blockEnd });
  return stop;
}
