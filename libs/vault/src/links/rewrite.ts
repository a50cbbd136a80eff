import { parse } from 'yaml';
import { escapeFor, type PropertyText } from '../frontmatter/property-text.ts';
import type { Link } from '../scan/types.ts';
import { writtenPathEnd, writtenTarget } from './link-text.ts';
import { placeOf } from './placed-links.ts';

interface Edit {
  start: number;
  end: number;
  text: string;
}

function editOf(text: string, link: Link, target: string): Edit | null {
  const written = writtenTarget(text, link, target);
  return written === null ? null : { start: link.targetStart, end: writtenPathEnd(text, link), text: written };
}

function apply(text: string, edits: readonly Edit[]): string {
  let out = '';
  let done = 0;
  for (const edit of edits) {
    out += text.slice(done, edit.start) + edit.text;
    done = edit.end;
  }
  return out + text.slice(done);
}

/** Whether a plain scalar can have a value. */
function isPlainValue(value: string): boolean {
  try {
    return parse(`key: ${value}`, { schema: 'core', logLevel: 'silent' })?.key === value;
  } catch {
    return false;
  }
}

/** The edits of a note that make those of one property's value; it is quoted when it has to be. */
function editsOfProperty(property: PropertyText, edits: readonly Edit[]): Edit[] {
  const { style, value, start, end, offsetOf } = property;
  const changed = apply(value, edits);
  if (style === 'plain' && !isPlainValue(changed)) return [{ start, end, text: JSON.stringify(changed) }];
  return edits.map((edit) => ({
    start: offsetOf(edit.start),
    end: offsetOf(edit.end),
    text: escapeFor(style, edit.text),
  }));
}

/**
 * Changes the targets of a file's links.
 *
 * Takes the file's text, its links, and a function that gives for each of them the new target without subpath, or
 * `null` to leave it. Returns the text with only those targets changed: alias, subpath, embed mark, quoting, `<>` and
 * the style of percent-encoding stay, as does every other character. A link whose style cannot express the new target
 * (see `isWikiTarget`) is left alone. Throws what `replace` throws.
 */
export function rewriteLinks(text: string, links: readonly Link[], replace: (link: Link) => string | null): string {
  const edits: Edit[] = [];
  const inStrings = new Map<PropertyText, Edit[]>();
  for (const link of links) {
    const target = replace(link);
    if (target === null || target === link.target) continue;
    const place = placeOf(link);
    const edit = editOf(place?.text.value ?? text, { ...link, ...place }, target);
    if (edit === null) continue;
    const ofString = place && inStrings.get(place.text);
    if (!place) edits.push(edit);
    else if (ofString) ofString.push(edit);
    else inStrings.set(place.text, [edit]);
  }
  for (const [string, ofString] of inStrings) edits.push(...editsOfProperty(string, sorted(ofString)));
  return edits.length === 0 ? text : apply(text, sorted(edits));
}

/** A link may stand in another one's text, so that the order of targets is not the order of links. */
function sorted(edits: readonly Edit[]): Edit[] {
  return edits.toSorted((one, other) => one.start - other.start);
}
