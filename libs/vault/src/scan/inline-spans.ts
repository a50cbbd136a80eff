import { BACKSLASH, BACKTICK, DOLLAR, isAsciiPunctuation, isDigit, isWhitespace, LF } from './characters.ts';
import type { InlineState } from './inline-state.ts';

/**
 * Finds the backtick run that closes a code span (CommonMark 0.31 section 6.1: a run of the same length).
 *
 * Takes the state, the offset after the opening run, the end of the leaf and the run's length; returns the offset
 * after the closing run, or -1. Remembers the runs of a leaf once it has looked at all of them, so that any number of
 * unclosed runs costs one look.
 */
export function closingBackticks(state: InlineState, from: number, end: number, length: number): number {
  const { text, lastBackticks } = state;
  if (state.backticksScannedTo === end && (lastBackticks.get(length) ?? -1) < from) return -1;
  if (state.backticksScannedTo !== end) lastBackticks.clear();
  let at = text.indexOf('`', from);
  while (at >= 0 && at < end) {
    let run = at + 1;
    while (run < end && text.charCodeAt(run) === BACKTICK) run++;
    if (run - at === length) return run;
    if (state.backticksScannedTo !== end) lastBackticks.set(run - at, at);
    at = text.indexOf('`', run);
  }
  state.backticksScannedTo = end;
  return -1;
}

/**
 * Finds the `$` that closes inline math, on the same line: not after white space and not before a digit, the opening
 * one not before white space (Obsidian's documentation, "Math", as its editor applies it).
 *
 * Takes the state, the offset after the opening `$` and the end of the leaf; returns the offset after the closing `$`,
 * or -1.
 */
export function closingDollar(state: InlineState, from: number, end: number): number {
  const { text } = state;
  if (from >= end || isWhitespace(text.charCodeAt(from))) return -1;
  if (from >= state.dollarFrom && from <= state.dollarLineEnd) return -1;
  let at = from;
  while (at < end) {
    const code = text.charCodeAt(at);
    if (code === LF) break;
    if (code === BACKSLASH && isAsciiPunctuation(text.charCodeAt(at + 1))) {
      at += 2;
      continue;
    }
    if (code === DOLLAR && at > from && !isWhitespace(text.charCodeAt(at - 1))) {
      if (at + 1 >= end || !isDigit(text.charCodeAt(at + 1))) return at + 1;
    }
    at++;
  }
  state.dollarFrom = from;
  state.dollarLineEnd = at;
  return -1;
}
