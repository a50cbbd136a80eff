import { MAX_FRONTMATTER_LENGTH } from '../frontmatter/frontmatter.ts';
import { propertyText } from '../frontmatter/property-text.ts';
import { yamlScalars } from '../frontmatter/yaml-scalars.ts';
import { isExternal } from '../scan/markdown-link.ts';
import type { Link } from '../scan/types.ts';
import { linksInValue } from './frontmatter-links.ts';
import { lineCounter, placeLink } from './placed-links.ts';

/** The functions of formulas that take a file's name or path as text, up to the quote that opens it. */
const FILE_ARGUMENT = /(?<![\p{L}\p{N}_])(?:link|file|image|hasLink)\(\s*(["'])/gu;
const LITERAL_REST = { '"': /(?:[^"\\]|\\[\s\S])*/y, "'": /(?:[^'\\]|\\[\s\S])*/y };

function formulaLinks(value: string): Link[] {
  const links: Link[] = [];
  for (const match of value.matchAll(FILE_ARGUMENT)) {
    const quote = match[1] === "'" ? "'" : '"';
    const targetStart = match.index + match[0].length;
    const rest = LITERAL_REST[quote];
    rest.lastIndex = targetStart;
    const [literal] = rest.exec(value) ?? [''];
    const targetEnd = targetStart + literal.length;
    if (value[targetEnd] !== quote) continue;
    const written = literal.replaceAll(/\\([\s\S])/g, '$1');
    const hash = written.indexOf('#');
    const external = isExternal(value, targetStart, targetEnd);
    const target = hash < 0 || external ? written : written.slice(0, hash);
    const subpath = hash < 0 || external ? '' : written.slice(hash);
    const range = { start: match.index, end: targetEnd + 1, targetStart, targetEnd, line: 1 };
    links.push({ kind: 'formula', embed: false, target, subpath, alias: null, ...range, external, yaml: null });
  }
  return links;
}

/**
 * Links of a base (Obsidian's `.base` files): wikilinks and markdown links in its values, and the files that its
 * formulas and filters name with `link("…")`, `file("…")`, `image("…")` and `hasLink("…")`.
 *
 * Takes the file's text; returns the links in order. A text that is not YAML, or longer than 256 Ki characters, has
 * none. Never throws.
 */
export function baseLinks(text: string): Link[] {
  if (text.length > MAX_FRONTMATTER_LENGTH) return [];
  const lineOf = lineCounter(text);
  return yamlScalars(text).flatMap(({ start, end, style }) => {
    const string = propertyText(text, start, end, style);
    const links = [...linksInValue(string.value, style), ...formulaLinks(string.value)];
    return links
      .sort((one, other) => one.start - other.start)
      .map((link) => placeLink(link, string, lineOf(string.offsetOf(link.start))));
  });
}
