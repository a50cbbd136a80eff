import type { Link, ParsedNote } from '../scan/types.ts';
import { frontmatterLinks } from './frontmatter-links.ts';

/** Property links and body links of a note, in order. Takes a parse and its text. Never throws. */
export function allLinks(parsed: ParsedNote, text: string): Link[] {
  const inProperties = frontmatterLinks(parsed, text);
  return inProperties.length === 0 ? parsed.links : [...inProperties, ...parsed.links];
}
