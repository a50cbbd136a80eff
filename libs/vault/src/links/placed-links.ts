import type { PropertyText } from '../frontmatter/property-text.ts';
import type { Link } from '../scan/types.ts';

/** Where the target of a link stands in the value of a string. */
export interface LinkPlace {
  text: PropertyText;
  targetStart: number;
  targetEnd: number;
}

const places = new WeakMap<Link, LinkPlace>();

/** Where a link's target stands in the value of its property or JSON string; undefined for a link of a note's body. */
export function placeOf(link: Link): LinkPlace | undefined {
  return places.get(link);
}

/**
 * A link that was found in the value of a string, with offsets into the file.
 *
 * @param link with offsets into the value
 * @param line of the file, on which the link starts
 */
export function placeLink(link: Link, text: PropertyText, line: number): Link {
  const { targetStart, targetEnd } = link;
  const placed = {
    ...link,
    start: text.offsetOf(link.start),
    end: text.offsetOf(link.end),
    targetStart: text.offsetOf(targetStart),
    targetEnd: text.offsetOf(targetEnd),
    line,
  };
  places.set(placed, { text, targetStart, targetEnd });
  return placed;
}

/** Counts lines of a text for offsets that never go back; the first line has the number `first`. */
export function lineCounter(text: string, from = 0, first = 1): (offset: number) => number {
  let line = first;
  // Remembered, since a long line would otherwise be searched again for each of its links.
  let lineBreak = text.indexOf('\n', from);
  return (offset) => {
    for (; lineBreak >= 0 && lineBreak < offset; lineBreak = text.indexOf('\n', lineBreak + 1)) line++;
    return line;
  };
}
