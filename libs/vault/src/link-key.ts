import { frontmatterLinks } from './frontmatter-links.ts';
import { foldCase } from './paths.ts';
import type { ParsedNote } from './types.ts';

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

/**
 * Keys of all internal links of a note, to find the notes a move may concern.
 *
 * Takes a parsed note and the text it was parsed from; returns the unique `linkKey`s of its links to other files,
 * property links included. Never throws.
 */
export function linkKeys(parsed: ParsedNote, text: string): string[] {
  const keys = new Set<string>();
  for (const link of parsed.links) if (!link.external && link.target !== '') keys.add(linkKey(link.target));
  for (const link of frontmatterLinks(parsed, text)) if (link.target !== '') keys.add(linkKey(link.target));
  return [...keys];
}
