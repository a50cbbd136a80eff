import type { ParsedNote, TextRange } from '../scan/types.ts';
import { matchHeadings, sectionRange } from '../sections/heading-match.ts';

/**
 * The part of a note that a link's subpath means.
 *
 * Takes a subpath (`''`, `#Heading`, `#Outer#Inner`, `#^block`), the note's text and its parse; returns the range of
 * the heading's section with its heading, of the named block's text, or of the whole note for `''`; `null` when the
 * note has no such part. Headings compare as in Obsidian: ignoring case, punctuation and repeated white space; the
 * first one wins. Never throws.
 */
export function resolveSubpath(subpath: string, text: string, parsed: ParsedNote): TextRange | null {
  const parts = subpath.split('#').filter((part) => part.trim() !== '');
  if (parts.length === 0) return { start: 0, end: text.length, line: 1 };
  const last = parts[parts.length - 1]?.trim() ?? '';
  if (last.startsWith('^')) {
    const id = last.slice(1).toLowerCase();
    const block = parsed.blocks.find((candidate) => candidate.id.toLowerCase() === id);
    if (block === undefined) return null;
    let line = block.line;
    for (let at = block.blockStart; at < block.start; at++) if (text.charCodeAt(at) === 10) line--;
    return { start: block.blockStart, end: block.blockEnd, line };
  }
  const index = matchHeadings(parsed.headings, parts)[0];
  return index === undefined ? null : sectionRange(parsed.headings, index, text);
}
