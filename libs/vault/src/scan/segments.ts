import type { BlockId, Link, ParsedNote, TagOccurrence } from './types.ts';

/** A slice of a note. */
export interface Segment {
  kind: 'frontmatter' | 'text' | 'link' | 'tag' | 'block-id';
  start: number;
  end: number;
  text: string;
}

interface Piece {
  kind: Segment['kind'];
  at: Link | TagOccurrence | BlockId;
}

/**
 * Cuts a note into slices.
 *
 * Takes a parsed note and the text it was parsed from; returns slices without gap or overlap, in order, whose texts
 * concatenate to exactly `text`: the frontmatter, each outermost link, tag and block id, and the text between them.
 * Never throws.
 */
export function segments(parsed: ParsedNote, text: string): Segment[] {
  const pieces: Piece[] = [];
  for (const at of parsed.links) pieces.push({ kind: 'link', at });
  for (const at of parsed.tags) pieces.push({ kind: 'tag', at });
  for (const at of parsed.blocks) pieces.push({ kind: 'block-id', at });
  pieces.sort((a, b) => a.at.start - b.at.start);
  const out: Segment[] = [];
  let done = 0;
  const add = (kind: Segment['kind'], start: number, end: number): void => {
    if (start > done) out.push({ kind: 'text', start: done, end: start, text: text.slice(done, start) });
    out.push({ kind, start, end, text: text.slice(start, end) });
    done = end;
  };
  if (parsed.frontmatter !== null) add('frontmatter', parsed.frontmatter.start, parsed.frontmatter.end);
  for (const { kind, at } of pieces) if (at.start >= done) add(kind, at.start, at.end);
  if (done < text.length) out.push({ kind: 'text', start: done, end: text.length, text: text.slice(done) });
  return out;
}
