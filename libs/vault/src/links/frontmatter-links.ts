import { MAX_FRONTMATTER_LENGTH } from '../frontmatter/frontmatter.ts';
import { plainScalars } from '../frontmatter/plain-frontmatter.ts';
import { propertyText } from '../frontmatter/property-text.ts';
import { yamlScalars } from '../frontmatter/yaml-scalars.ts';
import { BANG } from '../scan/characters.ts';
import { scanInline } from '../scan/inline.ts';
import { createInlineState } from '../scan/inline-state.ts';
import type { Link, ParsedNote, YamlStyle } from '../scan/types.ts';
import { readWikiLink } from '../scan/wiki-link.ts';
import { lineCounter, placeLink } from './placed-links.ts';

/** The wikilinks and markdown links in a property's value, with offsets into the value. */
export function linksInValue(value: string, style: YamlStyle): Link[] {
  const links: Link[] = [];
  for (let at = value.indexOf('[['); at >= 0; ) {
    const found = readWikiLink(value, at, value.length, value.charCodeAt(at - 1) === BANG, 1, style);
    if (found !== null) links.push(found);
    at = value.indexOf('[[', found === null ? at + 1 : found.end);
  }
  if (!value.includes('](')) return links;
  const state = createInlineState(value);
  scanInline(state, 0, value.length, 1, false);
  const markdown = state.links.filter(({ kind }) => kind === 'markdown').map((link) => ({ ...link, yaml: style }));
  return [...links, ...markdown].sort((one, other) => one.start - other.start);
}

/**
 * Links in a note's properties: wikilinks ("property links" in Obsidian's documentation, "Properties") and markdown
 * links.
 *
 * Takes a parsed note and the text it was parsed from; returns the links inside string values of the frontmatter, in
 * order, with offsets into `text`. A link is what the value says, whatever quotes and escapes it is written with. Links
 * in keys and comments, and in frontmatter that is not valid YAML or too long to read are not returned. Never throws.
 */
export function frontmatterLinks(parsed: Pick<ParsedNote, 'frontmatter'>, text: string): Link[] {
  const block = parsed.frontmatter;
  if (block === null || block.raw.length > MAX_FRONTMATTER_LENGTH) return [];
  if (!block.raw.includes('[[') && !block.raw.includes('](')) return [];
  const { raw, contentStart } = block;
  const links: Link[] = [];
  const lineOf = lineCounter(text, contentStart, 2);
  // One cursor for all values, so that values without links cost no look-ahead of their own.
  let at = text.indexOf('[', contentStart);
  for (const span of plainScalars(block) ?? yamlScalars(raw)) {
    const start = contentStart + span.start;
    const end = contentStart + span.end;
    if (at >= 0 && at < start) at = text.indexOf('[', start);
    if (at < 0) break;
    if (at >= end) continue;
    const value = propertyText(text, start, end, span.style);
    for (const found of linksInValue(value.value, span.style)) {
      links.push(placeLink(found, value, lineOf(value.offsetOf(found.start))));
    }
  }
  return links;
}
