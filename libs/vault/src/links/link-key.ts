import { findFrontmatter } from '../frontmatter/frontmatter-block.ts';
import { foldCase } from '../paths/paths.ts';
import { decodeDestination, destinationEnd, isExternal, readDestination, subpathStart } from '../scan/markdown-link.ts';
import { readWikiLink } from '../scan/wiki-link.ts';
import { frontmatterLinks } from './frontmatter-links.ts';

/**
 * Key under which a link can find a file.
 *
 * Takes a link target or a vault path; returns its last segment, lower-cased and in NFC, without a `.md` extension:
 * `note` for `[[folder/Note]]` and for `a/Note.md`, `image.png` for `image.png`. Never throws.
 */
export function linkKey(target: string): string {
  const key = foldCase(target.slice(target.lastIndexOf('/') + 1));
  return key.length > 3 && key.endsWith('.md') ? key.slice(0, -3) : key;
}

function addWikiKeys(keys: Set<string>, text: string): void {
  for (let at = text.indexOf('[['); at >= 0; ) {
    const link = readWikiLink(text, at, text.length, false, 1, null);
    if (link !== null && link.target !== '') {
      keys.add(linkKey(link.target));
      // In a property between single quotes, one of them is written twice.
      if (link.target.includes("''")) keys.add(linkKey(link.target.replaceAll("''", "'")));
    }
    at = text.indexOf('[[', link?.end ?? at + 1);
  }
}

function addMarkdownKeys(keys: Set<string>, text: string): void {
  for (let at = text.indexOf(']('); at >= 0; at = text.indexOf('](', at + 1)) {
    const found = readDestination(text, at + 2, text.length);
    if (found === null || isExternal(text, found.targetStart, found.targetEnd)) continue;
    const end = subpathStart(text, found.targetStart, found.targetEnd);
    if (end > found.targetStart) keys.add(linkKey(decodeDestination(text.slice(found.targetStart, end))));
  }
}

/** What stands between the label of a link reference definition and its destination. */
const BEFORE_DESTINATION = /[ \t]*(?:\r?\n[ \t>]*)?/y;

function addDefinitionKeys(keys: Set<string>, text: string): void {
  for (let at = text.indexOf(']:'); at >= 0; at = text.indexOf(']:', at + 1)) {
    BEFORE_DESTINATION.lastIndex = at + 2;
    BEFORE_DESTINATION.test(text);
    const found = destinationEnd(text, BEFORE_DESTINATION.lastIndex, text.length);
    if (found === null || isExternal(text, found.targetStart, found.targetEnd)) continue;
    const end = subpathStart(text, found.targetStart, found.targetEnd);
    if (end > found.targetStart) keys.add(linkKey(decodeDestination(text.slice(found.targetStart, end))));
  }
}

/** A property's link may be written with escapes. */
function addPropertyKeys(keys: Set<string>, text: string): void {
  const frontmatter = findFrontmatter(text);
  if (!frontmatter?.raw.includes('\\')) return;
  for (const { external, target } of frontmatterLinks({ frontmatter }, text)) {
    if (!external && target !== '') keys.add(linkKey(target));
  }
}

/** The keys of all that is written like a link in a note, each once; `linkKeys` says what they are for. */
export function noteLinkKeys(text: string): string[] {
  const keys = new Set<string>();
  addWikiKeys(keys, text);
  addMarkdownKeys(keys, text);
  addDefinitionKeys(keys, text);
  addPropertyKeys(keys, text);
  return [...keys];
}
