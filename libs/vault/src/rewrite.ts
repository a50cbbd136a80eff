import { frontmatterLinks } from './frontmatter-links.ts';
import { writtenPathEnd, writtenTarget } from './link-text.ts';
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

function editOf(text: string, link: Link, target: string | null): Edit | null {
  if (target === null || target === link.target) return null;
  const written = writtenTarget(text, link, target);
  if (written === null) return null;
  return { start: link.targetStart, end: writtenPathEnd(text, link), text: written };
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
  for (const link of allLinks(parsed, text)) {
    const edit = editOf(text, link, replace(link));
    if (edit !== null) edits.push(edit);
  }
  if (edits.length === 0) return text;
  // A link may stand in another one's text, so that the order of targets is not the order of links.
  edits.sort((a, b) => a.start - b.start);
  let out = '';
  let done = 0;
  for (const edit of edits) {
    out += text.slice(done, edit.start) + edit.text;
    done = edit.end;
  }
  return out + text.slice(done);
}
