import type { InlineState } from './inline-state.ts';

/** An open tag after its `<`, and a closing one after its `</` (CommonMark 0.31 section 6.6). */
const ATTRIBUTE = String.raw`\s+[A-Za-z_:][\w.:-]*(?:\s*=\s*(?:[^\s"'=<>${'`'}]+|'[^']*'|"[^"]*"))?`;
const OPEN_TAG = new RegExp(String.raw`[A-Za-z][A-Za-z0-9-]*(?:${ATTRIBUTE})*\s*/?>`, 'y');
const CLOSING_TAG = /[A-Za-z][A-Za-z0-9-]*\s*>/y;

function endOf(pattern: RegExp, text: string, from: number, end: number): number {
  pattern.lastIndex = from;
  return pattern.test(text) && pattern.lastIndex <= end ? pattern.lastIndex : -1;
}

/** Offset after an open tag whose name starts at `from`, or -1 when none ends by `end`. */
export function openTagEnd(text: string, from: number, end: number): number {
  return endOf(OPEN_TAG, text, from, end);
}

/** Offset after a closing tag whose name starts at `from`, or -1 when none ends by `end`. */
export function closingTagEnd(text: string, from: number, end: number): number {
  return endOf(CLOSING_TAG, text, from, end);
}

/** Offset after the next `close` from `from` on; beyond the text when there is none. Looks at no text twice. */
export function afterNext(state: InlineState, close: string, from: number): number {
  let found = state.nextCloses.get(close) ?? -1;
  if (found < from) {
    found = state.text.indexOf(close, from);
    if (found < 0) found = state.text.length + 1;
    state.nextCloses.set(close, found);
  }
  return found + close.length;
}

/**
 * Finds the end of raw HTML in a leaf: a tag, a processing instruction, a declaration or a CDATA section, but no comment.
 *
 * Takes the state, the offset of the `<` and the end of the leaf; returns the offset after it, or -1 for none.
 * CommonMark 0.31 section 6.6.
 */
export function rawHtmlEnd(state: InlineState, from: number, end: number): number {
  const { text } = state;
  const next = text[from + 1] ?? '';
  const within = (stop: number) => (stop <= end ? stop : -1);
  if (next === '?') return within(afterNext(state, '?>', from + 2));
  if (next === '!') {
    if (text.startsWith('[CDATA[', from + 2)) return within(afterNext(state, ']]>', from + 9));
    return /[A-Za-z]/.test(text[from + 2] ?? '') ? within(afterNext(state, '>', from + 2)) : -1;
  }
  return next === '/' ? closingTagEnd(text, from + 2, end) : openTagEnd(text, from + 1, end);
}
