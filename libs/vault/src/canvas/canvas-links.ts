import { type Node, parseTree } from 'jsonc-parser';
import { type PropertyText, propertyText } from '../frontmatter/property-text.ts';
import { allLinks } from '../links/note-links.ts';
import { lineCounter, placeLink } from '../links/placed-links.ts';
import { parseNote } from '../scan/parse.ts';
import type { Link } from '../scan/types.ts';

function readTree(text: string): Node | undefined {
  const errors: unknown[] = [];
  try {
    const tree = parseTree(text, errors as never[], { disallowComments: true });
    return errors.length === 0 ? tree : undefined;
  } catch {
    // The parser calls itself for each level of nesting.
    return undefined;
  }
}

function propertiesOf(node: Node | undefined): Map<string, Node> {
  const properties = new Map<string, Node>();
  if (node?.type !== 'object') return properties;
  for (const { children } of node.children ?? []) {
    if (children?.[0] && children[1]) properties.set(children[0].value, children[1]);
  }
  return properties;
}

function stringAt(text: string, node: Node | undefined): PropertyText | undefined {
  if (node?.type !== 'string') return undefined;
  return propertyText(text, node.offset + 1, node.offset + node.length - 1, 'double');
}

/** A property that is the whole path of a file, from the vault's root. */
function pathLink({ value }: PropertyText, subpath: string): Link[] {
  if (value === '') return [];
  const end = value.length;
  const range = { start: 0, end, targetStart: 0, targetEnd: end, line: 1 };
  const target = value.startsWith('/') ? value : `/${value}`;
  return [{ kind: 'path', embed: true, target, subpath, alias: null, ...range, external: false, yaml: null }];
}

function linksOfNode(properties: ReadonlyMap<string, Node>, text: string): [PropertyText, Link[]][] {
  const string = (name: string) => stringAt(text, properties.get(name));
  const found: [PropertyText, Link[]][] = [];
  const file = string('file');
  if (file) found.push([file, pathLink(file, string('subpath')?.value ?? '')]);
  const background = string('background');
  if (background) found.push([background, pathLink(background, '')]);
  const markdown = string('text');
  if (markdown) found.push([markdown, allLinks(parseNote(markdown.value), markdown.value)]);
  return found;
}

/**
 * Links of a canvas (JSON Canvas 1.0): the files of its `file` nodes, the backgrounds of its groups, and the links in
 * the markdown of its text nodes.
 *
 * Takes the file's text; returns the links in the order of the text. The target of a file is its path with a leading
 * `/`, since it is always a path from the vault's root. A text that is not JSON has none. Never throws.
 */
export function canvasLinks(text: string): Link[] {
  const nodes = propertiesOf(readTree(text)).get('nodes');
  const strings = (nodes?.type === 'array' ? (nodes.children ?? []) : []).flatMap((node) =>
    linksOfNode(propertiesOf(node), text),
  );
  const lineOf = lineCounter(text);
  return strings
    .sort(([one], [other]) => one.start - other.start)
    .flatMap(([string, links]) => links.map((link) => placeLink(link, string, lineOf(string.start))));
}
