import { isScalar, parseDocument, visit } from 'yaml';
import { BANG, LF } from './characters.ts';
import { MAX_FRONTMATTER_LENGTH } from './frontmatter.ts';
import { scanInline } from './inline.ts';
import { createInlineState } from './inline-state.ts';
import { plainScalars, type ScalarSpan } from './plain-frontmatter.ts';
import { type PropertyText, propertyText } from './property-text.ts';
import type { Link, ParsedNote, YamlStyle } from './types.ts';
import { readWikiLink } from './wiki-link.ts';

const STYLES: Readonly<Record<string, YamlStyle>> = {
  QUOTE_DOUBLE: 'double',
  QUOTE_SINGLE: 'single',
  BLOCK_FOLDED: 'block',
  BLOCK_LITERAL: 'block',
  PLAIN: 'plain',
};

function yamlScalars(raw: string): ScalarSpan[] {
  const document = parseDocument(raw, { schema: 'core', uniqueKeys: false, prettyErrors: false, logLevel: 'error' });
  if (document.errors.length > 0) return [];
  const spans: ScalarSpan[] = [];
  visit(document, {
    Scalar(key, node) {
      if (key === 'key' || !isScalar(node) || typeof node.value !== 'string' || !node.range) return;
      const style = STYLES[node.type ?? 'PLAIN'] ?? 'plain';
      const quotes = style === 'double' || style === 'single' ? 1 : 0;
      spans.push({ start: node.range[0] + quotes, end: node.range[1] - quotes, style });
    },
  });
  return spans;
}

/** Where a property link's target stands in the value of its property. */
export interface PropertyPlace {
  text: PropertyText;
  targetStart: number;
  targetEnd: number;
}

const places = new WeakMap<Link, PropertyPlace>();

/** Where a link's target stands in the value of its property; undefined for a link of the body. */
export function placeInProperty(link: Link): PropertyPlace | undefined {
  return places.get(link);
}

/** The wikilinks and markdown links in a property's value, with offsets into the value. */
function linksInValue(value: string, style: YamlStyle): Link[] {
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

/** The same link with offsets into the note. */
function inNote(link: Link, text: PropertyText, line: number): Link {
  const { targetStart, targetEnd } = link;
  const start = text.offsetOf(link.start);
  const placed = {
    ...link,
    start,
    end: text.offsetOf(link.end),
    targetStart: text.offsetOf(targetStart),
    targetEnd: text.offsetOf(targetEnd),
    line,
  };
  places.set(placed, { text, targetStart, targetEnd });
  return placed;
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
  let spans: readonly ScalarSpan[];
  try {
    spans = plainScalars(block) ?? yamlScalars(raw);
  } catch {
    return [];
  }
  const links: Link[] = [];
  let line = 2;
  let counted = contentStart;
  // One cursor for all values, so that values without links cost no look-ahead of their own.
  let at = text.indexOf('[', contentStart);
  for (const span of spans) {
    const start = contentStart + span.start;
    const end = contentStart + span.end;
    if (at >= 0 && at < start) at = text.indexOf('[', start);
    if (at < 0) break;
    if (at >= end) continue;
    const value = propertyText(text, start, end, span.style);
    for (const found of linksInValue(value.value, span.style)) {
      const offset = value.offsetOf(found.start);
      for (; counted < offset; counted++) if (text.charCodeAt(counted) === LF) line++;
      links.push(inNote(found, value, line));
    }
  }
  return links;
}
