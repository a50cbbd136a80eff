import { isScalar, parseDocument, visit } from 'yaml';
import { BANG, LF } from './characters.ts';
import { MAX_FRONTMATTER_LENGTH } from './frontmatter.ts';
import { plainScalars, type ScalarSpan } from './plain-frontmatter.ts';
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
      spans.push({ start: node.range[0], end: node.range[1], style });
    },
  });
  return spans;
}

function unquote(link: Link, text: string): Link | null {
  const written = text.slice(link.start, link.end);
  if (link.yaml === 'double' && written.includes('\\')) return null;
  if (link.yaml !== 'single' || !written.includes("''")) return link;
  return {
    ...link,
    target: link.target.replaceAll("''", "'"),
    subpath: link.subpath.replaceAll("''", "'"),
    alias: link.alias?.replaceAll("''", "'") ?? null,
  };
}

/**
 * Wikilinks in a note's properties ("property links" in Obsidian's documentation, "Properties").
 *
 * Takes a parsed note and the text it was parsed from; returns the links inside string values of the frontmatter, in
 * order, with offsets into `text`. Links in keys and comments, in values whose link uses double-quote escapes, and in
 * frontmatter that is not valid YAML or too long to read are not returned. Never throws.
 */
export function frontmatterLinks(parsed: ParsedNote, text: string): Link[] {
  const block = parsed.frontmatter;
  if (block === null || block.raw.length > MAX_FRONTMATTER_LENGTH || !block.raw.includes('[[')) return [];
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
  let at = text.indexOf('[[', contentStart);
  for (const span of spans) {
    const start = contentStart + span.start;
    const end = contentStart + span.end;
    if (at >= 0 && at < start) at = text.indexOf('[[', start);
    while (at >= 0 && at < end) {
      for (; counted < at; counted++) if (text.charCodeAt(counted) === LF) line++;
      const embed = at > start && text.charCodeAt(at - 1) === BANG;
      const found = readWikiLink(text, at, end, embed, line, span.style);
      const link = found === null ? null : unquote(found, text);
      if (link !== null) links.push(link);
      at = text.indexOf('[[', found === null ? at + 1 : found.end);
    }
  }
  return links;
}
