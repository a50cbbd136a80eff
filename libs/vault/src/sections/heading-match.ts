import type { Heading, TextRange } from '../scan/types.ts';

const IGNORED = /[!"#$%&()*+,.:;<=>?@^`{|}~/[\]\\]/g;
const SPACES = /\s+/g;

/** Text of a heading as links compare it: Obsidian drops punctuation, collapses white space and ignores case. */
export function headingKey(text: string): string {
  return text.replace(IGNORED, ' ').replace(SPACES, ' ').trim().normalize('NFC').toLowerCase();
}

function plainKey(text: string): string {
  return text.replace(SPACES, ' ').trim().normalize('NFC').toLowerCase();
}

function chainMatches(
  ancestors: readonly Heading[],
  path: readonly string[],
  keyOf: (text: string) => string,
): boolean {
  let wanted = path.length - 1;
  for (let i = ancestors.length - 1; i >= 0 && wanted >= 0; i--) {
    const heading = ancestors[i];
    if (heading === undefined || keyOf(heading.text) !== path[wanted]) {
      if (wanted === path.length - 1) return false;
    } else {
      wanted--;
    }
  }
  return wanted < 0;
}

function matching(headings: readonly Heading[], path: readonly string[], keyOf: (text: string) => string): number[] {
  const keys = path.map(keyOf);
  const found: number[] = [];
  const ancestors: Heading[] = [];
  headings.forEach((heading, index) => {
    while (ancestors.length > 0 && (ancestors[ancestors.length - 1]?.level ?? 0) >= heading.level) ancestors.pop();
    ancestors.push(heading);
    if (chainMatches(ancestors, keys, keyOf)) found.push(index);
  });
  return found;
}

/**
 * Headings that a path of heading texts names.
 *
 * Takes a note's headings and heading texts from outer to inner (levels between them may be skipped); returns the
 * indexes of the headings that match the last text below headings that match the others: those that are equal but
 * for case and white space, or when there are none, those that are equal but for punctuation too. Never throws.
 */
export function matchHeadings(headings: readonly Heading[], path: readonly string[]): number[] {
  if (path.length === 0) return [];
  const exact = matching(headings, path, plainKey);
  if (exact.length > 0) return exact;
  if (path.some((text) => headingKey(text) === '')) return [];
  return matching(headings, path, headingKey);
}

/** Section of the heading at `index`: from the heading to the next one of the same or a higher level. Never throws. */
export function sectionRange(headings: readonly Heading[], index: number, text: string): TextRange {
  const heading = headings[index];
  if (heading === undefined) return { start: text.length, end: text.length, line: 0 };
  let end = text.length;
  for (let i = index + 1; i < headings.length; i++) {
    const next = headings[i];
    if (next !== undefined && next.level <= heading.level) {
      end = next.start;
      break;
    }
  }
  return { start: heading.start, end, line: heading.line };
}
