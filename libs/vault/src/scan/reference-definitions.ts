import { CARET, CR, LF, OPEN_BRACKET, SPACE, TAB } from './characters.ts';
import type { InlineState } from './inline-state.ts';
import { decodeDestination, destinationEnd, isExternal, subpathStart, titleEnd } from './markdown-link.ts';

const MAX_LABEL = 999;
const LABEL = /\[((?:[^[\]\\]|\\.)*)\]:/sy;
/** White space with at most one line break, and what continues quotes and lists after it. */
const GAP = /[ \t]*(?:\r?\n[ \t>]*)?/y;
const PREFIX = /[ \t>]*/y;

interface Definition {
  label: string;
  targetStart: number;
  targetEnd: number;
  /** The end of the definition's last line, without its line break. */
  end: number;
}

function skip(pattern: RegExp, text: string, from: number, limit: number): number {
  pattern.lastIndex = from;
  pattern.test(text);
  return Math.min(pattern.lastIndex, limit);
}

/** The end of the line when nothing but white space follows on it, else -1. */
function blankLineEnd(text: string, from: number, limit: number): number {
  let at = from;
  while (at < limit && (text.charCodeAt(at) === SPACE || text.charCodeAt(at) === TAB)) at++;
  const code = text.charCodeAt(at);
  return at >= limit || code === LF || (code === CR && text.charCodeAt(at + 1) === LF) ? at : -1;
}

/** Where a title that starts at `from`, and its line, end; -1 when there is none. */
function titledLineEnd(text: string, from: number, limit: number): number {
  const end = titleEnd(text, from, limit);
  return end < 0 ? -1 : blankLineEnd(text, end, limit);
}

/** Reads the link reference definition at `from` (CommonMark 0.31 section 4.7); null when there is none. */
function readDefinition(text: string, from: number, limit: number): Definition | null {
  if (text.charCodeAt(from) !== OPEN_BRACKET || text.charCodeAt(from + 1) === CARET) return null;
  LABEL.lastIndex = from;
  const label = LABEL.exec(text)?.[1] ?? '';
  const afterLabel = LABEL.lastIndex;
  if (label.trim() === '' || label.length > MAX_LABEL || afterLabel > limit) return null;
  const destination = destinationEnd(text, skip(GAP, text, afterLabel, limit), limit);
  if (destination === null) return null;
  const { targetStart, targetEnd, end: after } = destination;
  const found = { label, targetStart, targetEnd };
  const lineEnd = blankLineEnd(text, after, limit);
  const titleStart = skip(GAP, text, after, limit);
  const titled = titleStart > after ? titledLineEnd(text, titleStart, limit) : -1;
  if (titled >= 0) return { ...found, end: titled };
  return lineEnd >= 0 ? { ...found, end: lineEnd } : null;
}

/** The form under which labels are compared: case folded, white space collapsed. */
function labelKey(label: string): string {
  return label.trim().replaceAll(/\s+/g, ' ').toLowerCase().toUpperCase();
}

/**
 * Reads the link reference definitions at the start of a paragraph, each of which is a link to its destination, where
 * its target is written; of several with one label the first counts. Footnotes (`[^1]:`) are none.
 *
 * Takes the state, the paragraph's range (container prefixes included) and the line it starts on; adds the links to the
 * state and returns the offset and line of what is left of the paragraph.
 */
export function readDefinitions(
  state: InlineState,
  from: number,
  end: number,
  firstLine: number,
): { at: number; line: number } {
  const { text } = state;
  let at = from;
  let line = firstLine;
  for (;;) {
    const found = at < end && text.charCodeAt(at) === OPEN_BRACKET ? readDefinition(text, at, end) : null;
    if (!found) return { at, line };
    addDefinition(state, found, at, line);
    const next = text.indexOf('\n', found.end);
    line += text.slice(at, found.end).split('\n').length;
    at = next < 0 || next >= end ? end : skip(PREFIX, text, next + 1, end);
  }
}

function addDefinition(
  state: InlineState,
  { label, targetStart, targetEnd, end }: Definition,
  start: number,
  line: number,
) {
  const key = labelKey(label);
  if (state.definedLabels.has(key)) return;
  state.definedLabels.add(key);
  if (targetStart === targetEnd) return;
  const { text } = state;
  const external = isExternal(text, targetStart, targetEnd);
  const hash = external ? targetEnd : subpathStart(text, targetStart, targetEnd);
  const target = text.slice(targetStart, hash);
  state.links.push({
    kind: 'markdown',
    embed: false,
    target: external ? target : decodeDestination(target),
    subpath: hash === targetEnd ? '' : decodeDestination(text.slice(hash, targetEnd)),
    alias: label,
    start,
    end,
    targetStart,
    targetEnd,
    line,
    external,
    yaml: null,
  });
}
