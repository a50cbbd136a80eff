import { isScalar, parseDocument, visit } from 'yaml';
import type { YamlStyle } from '../scan/types.ts';
import type { ScalarSpan } from './plain-frontmatter.ts';

const STYLES: Readonly<Record<string, YamlStyle>> = {
  QUOTE_DOUBLE: 'double',
  QUOTE_SINGLE: 'single',
  BLOCK_FOLDED: 'block',
  BLOCK_LITERAL: 'block',
  PLAIN: 'plain',
};

function readScalars(raw: string): ScalarSpan[] {
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

/**
 * The string values of a YAML text, in order, each without its quotes.
 *
 * Takes the text; returns none for one that is not valid or nests too deeply. Never throws.
 */
export function yamlScalars(raw: string): ScalarSpan[] {
  try {
    return readScalars(raw);
  } catch {
    return [];
  }
}
