import { parse } from 'yaml';
import { frontmatterLinks, placeInProperty } from './frontmatter-links.ts';
import { writtenPathEnd, writtenTarget } from './link-text.ts';
import { escapeFor, type PropertyText } from './property-text.ts';
import type { Link, ParsedNote } from './types.ts';

interface Edit {
  start: number;
  end: number;
  text: string;
}

/** Property links and body links of a note, in order. Takes a parse and its text. Never throws. */
export function allLinks(parsed: ParsedNote, text: string): Link[] {
  const inProperties = frontmatterLinks(parsed, text);
  return inProperties.length === 0 ? parsed.links : [...inProperties, ...parsed.links];
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
 * Changes the targets of a note's links.
 *
 * Takes the note's text, its parse, and a function that gives for each internal or external link (property links
 * included) the new target without subpath, or `null` to leave it. Returns the text with only those targets changed:
 * alias, subpath, embed mark, quoting, `<>` and the style of percent-encoding stay, as does every other character. A
 * link whose style cannot express the new target (see `isWikiTarget`) is left alone. Throws what `replace` throws.
 */
export function rewriteLinks(text: string, parsed: ParsedNote, replace: (link: Link) => string | null): string {
  const edits: Edit[] = [];
  const inProperties = new Map<PropertyText, Edit[]>();
  for (const link of allLinks(parsed, text)) {
    const target = replace(link);
    if (target === null || target === link.target) continue;
    const place = placeInProperty(link);
    if (!place) {
      const edit = editOf(text, link, target);
      if (edit !== null) edits.push(edit);
      continue;
    }
    const { targetStart, targetEnd } = place;
    const edit = editOf(place.text.value, { ...link, targetStart, targetEnd }, target);
    if (edit === null) continue;
    const others = inProperties.get(place.text);
    if (others) others.push(edit);
    else inProperties.set(place.text, [edit]);
  }
  for (const [property, ofProperty] of inProperties) {
    edits.push(
      ...editsOfProperty(
        property,
        ofProperty.sort((a, b) => a.start - b.start),
      ),
    );
  }
  // A link may stand in another one's text, so that the order of targets is not the order of links.
  return edits.length === 0
    ? text
    : apply(
        text,
        edits.sort((a, b) => a.start - b.start),
      );
}
