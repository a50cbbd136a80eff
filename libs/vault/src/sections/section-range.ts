import { VaultError } from '../errors.ts';
import { closest } from '../links/closest.ts';
import { nextLineStart, trimBack } from '../scan/line-break.ts';
import type { BlockId, Heading, ParsedNote } from '../scan/types.ts';
import { matchHeadings, sectionRange } from './heading-match.ts';

/** A heading's section: its heading, where it ends, and the range of its body without blank lines around it. */
export interface HeadingSection {
  heading: Heading;
  end: number;
  bodyStart: number;
  bodyEnd: number;
}

const SUGGESTIONS = 5;

function quoted(texts: readonly string[]): string {
  return texts.map((text) => `"${text}"`).join(', ');
}

function headingNotFound({ path, index }: HeadingPath, headings: readonly Heading[]): VaultError {
  const count = index === undefined ? 0 : matchHeadings(headings, path).length;
  if (count > 0) {
    const name = path.join(' > ');
    return new VaultError(
      'section-not-found',
      `There is no heading "${name}" with the index ${index}; it is there ${count} times.`,
    );
  }
  const texts = headings.map((heading) => heading.text);
  const near = closest(path[path.length - 1] ?? '', texts, SUGGESTIONS);
  const hint = near.length === 0 ? 'the note has no headings' : `the closest headings are ${quoted(near)}`;
  return new VaultError('section-not-found', `There is no heading "${path.join(' > ')}"; ${hint}.`);
}

function isBlankLine(text: string, from: number, to: number): boolean {
  for (let at = from; at < to; at++) if (!/\s/.test(text.charAt(at))) return false;
  return true;
}

/** Ranges of the section of the heading at `index`. Never throws for an index within the headings. */
export function headingSection(headings: readonly Heading[], index: number, text: string): HeadingSection {
  const heading = headings[index];
  if (heading === undefined) throw new RangeError('no such heading');
  const { end } = sectionRange(headings, index, text);
  const afterHeading = nextLineStart(text, heading.end);
  let bodyStart = afterHeading;
  while (bodyStart < end && isBlankLine(text, bodyStart, Math.min(nextLineStart(text, bodyStart), end))) {
    bodyStart = nextLineStart(text, bodyStart);
  }
  if (bodyStart >= end) return { heading, end, bodyStart: afterHeading, bodyEnd: afterHeading };
  return { heading, end, bodyStart, bodyEnd: trimBack(text, bodyStart, end) };
}

/** Heading texts from outer to inner, and which of several that match, from 1. */
export interface HeadingPath {
  path: readonly string[];
  index?: number | undefined;
}

/**
 * Index of the one heading a path names, or -1.
 *
 * Takes a parse and a path; throws `section-ambiguous` when several headings match and the path has no index.
 */
export function findHeading(parsed: ParsedNote, { path, index }: HeadingPath): number {
  const found = matchHeadings(parsed.headings, path);
  if (index !== undefined) return found[index - 1] ?? -1;
  if (found.length > 1) {
    const lines = found.map((index) => parsed.headings[index]?.line ?? 0);
    throw new VaultError(
      'section-ambiguous',
      `The heading "${path.join(' > ')}" is there ${found.length} times, on lines ${lines.slice(0, 10).join(', ')}; name the headings above it too, or give the index of one, from 1.`,
    );
  }
  return found[0] ?? -1;
}

/** Section of the heading a path names; throws `section-not-found` or `section-ambiguous`. */
export function requireHeading(parsed: ParsedNote, text: string, heading: HeadingPath): HeadingSection {
  const index = findHeading(parsed, heading);
  if (index < 0) throw headingNotFound(heading, parsed.headings);
  return headingSection(parsed.headings, index, text);
}

/** The one block with an id (without `^`), or `null`; throws `section-ambiguous` when several have it. */
export function findBlock(parsed: ParsedNote, id: string): BlockId | null {
  const wanted = id.replace(/^\^/, '').toLowerCase();
  const found = parsed.blocks.filter((block) => block.id.toLowerCase() === wanted);
  if (found.length > 1) {
    const lines = found.map((block) => block.line);
    throw new VaultError(
      'section-ambiguous',
      `The block id "^${wanted}" is there ${found.length} times, on lines ${lines.slice(0, 10).join(', ')}; give each block its own id.`,
    );
  }
  return found[0] ?? null;
}

/** The one block with an id; throws `section-not-found` or `section-ambiguous`. */
export function requireBlock(parsed: ParsedNote, id: string): BlockId {
  const block = findBlock(parsed, id);
  if (block !== null) return block;
  const near = closest(
    id,
    parsed.blocks.map((candidate) => `^${candidate.id}`),
    SUGGESTIONS,
  );
  const hint = near.length === 0 ? 'the note has no block ids' : `the closest block ids are ${quoted(near)}`;
  throw new VaultError('section-not-found', `There is no block "^${id.replace(/^\^/, '')}"; ${hint}.`);
}
