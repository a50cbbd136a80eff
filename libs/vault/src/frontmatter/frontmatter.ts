import { type Document, isAlias, isMap, isNode, isScalar, parseDocument, visit } from 'yaml';
import type { ParsedNote } from '../scan/types.ts';
import { readPlainBlock } from './plain-frontmatter.ts';

/** Characters of YAML beyond which frontmatter is not read. */
export const MAX_FRONTMATTER_LENGTH = 256 * 1024;
const MAX_ALIASES = 100;
const MAX_DEPTH = 200;

/** What `readFrontmatter` returns: `warning` is a sentence for the user when the block could not be read. */
export interface FrontmatterReading {
  data: Record<string, unknown>;
  warning: string | null;
}

function refused(warning: string): FrontmatterReading {
  return { data: {}, warning };
}

function jsonSafe(value: unknown, depth: number): unknown {
  if (depth > MAX_DEPTH) throw new RangeError('nested too deeply');
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
  if (typeof value === 'number') return Number.isFinite(value) ? value + 0 : null;
  if (typeof value === 'bigint') {
    const number = Number(value);
    return String(number) === value.toString() ? number : value.toString();
  }
  if (Array.isArray(value)) return value.map((item) => jsonSafe(item, depth + 1));
  if (typeof value === 'object') return jsonSafeRecord(value, depth + 1);
  return null;
}

function jsonSafeRecord(value: object, depth: number): Record<string, unknown> {
  const record: Record<string, unknown> = {};
  for (const [key, item] of Object.entries(value)) {
    // An own `__proto__` key would turn into a prototype in the hands of whoever copies the record.
    if (key !== '__proto__') record[key] = jsonSafe(item, depth);
  }
  return record;
}

function sentenceOf(message: string): string {
  const line = message.split('\n', 1)[0] ?? '';
  if (line.includes('call stack')) return 'it nests too deeply';
  if (line.includes('multiple documents')) return 'it holds more than one YAML document';
  return line.replace(/[.:]$/, '');
}

/** Line in the note of an offset into the YAML, which starts on line 2. */
function noteLine(raw: string, offset: number): number {
  let line = 2;
  for (let at = raw.indexOf('\n'); at >= 0 && at < offset; at = raw.indexOf('\n', at + 1)) line++;
  return line;
}

/** What is wrong with the first alias that stands for nothing, or for something it is a part of; `null` when none is. */
function aliasProblem(document: Document, raw: string): string | null {
  const anchors = new Set<string>();
  let problem: string | null = null;
  visit(document, {
    Node(_, node, ancestors) {
      if (!isAlias(node)) {
        if (node.anchor !== undefined) anchors.add(node.anchor);
        return;
      }
      const name = node.source;
      const line = (): number => noteLine(raw, node.range?.[0] ?? 0);
      if (!anchors.has(name)) {
        problem = `uses the alias "*${name}" on line ${line()}, but nothing before it has the anchor "&${name}"; put text that starts with "*" in quotes.`;
      } else if (ancestors.some((ancestor) => isNode(ancestor) && !isAlias(ancestor) && ancestor.anchor === name)) {
        problem = `uses the alias "*${name}" on line ${line()} inside of what it stands for; take one of the two out.`;
      }
      return problem === null ? undefined : visit.BREAK;
    },
  });
  return problem;
}

/** Offset of the first key that is there twice in its mapping, or -1. The parser's own check takes quadratic time. */
function duplicateKey(document: Document): number {
  let found = -1;
  visit(document, {
    Map(_, map) {
      const keys = new Set<unknown>();
      for (const { key } of map.items) {
        if (!isScalar(key)) continue;
        if (keys.has(key.value)) {
          found = key.range?.[0] ?? 0;
          return visit.BREAK;
        }
        keys.add(key.value);
      }
    },
  });
  return found;
}

function readYaml(raw: string): FrontmatterReading {
  const document = parseDocument(raw, {
    version: '1.2',
    schema: 'core',
    intAsBigInt: true,
    resolveKnownTags: false,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  });
  const error = document.errors[0];
  if (error !== undefined) {
    const line = noteLine(raw, error.pos[0]);
    return refused(`The frontmatter is not valid YAML on line ${line}: ${sentenceOf(error.message)}.`);
  }
  if (document.contents === null) return { data: {}, warning: null };
  if (!isMap(document.contents)) {
    return isScalar(document.contents) && document.contents.value === null
      ? { data: {}, warning: null }
      : refused('The frontmatter on line 2 is not a list of properties; write each one as "name: value".');
  }
  const problem = aliasProblem(document, raw);
  if (problem !== null) return refused(`The frontmatter ${problem}`);
  const duplicate = duplicateKey(document);
  if (duplicate >= 0) {
    return refused(`The frontmatter has a property twice; remove the one on line ${noteLine(raw, duplicate)}.`);
  }
  return { data: jsonSafeRecord(document.toJS({ maxAliasCount: MAX_ALIASES }), 0), warning: null };
}

/**
 * Reads the properties of a note.
 *
 * Takes a parsed note, or only its frontmatter; returns JSON-safe data (YAML 1.2's core schema: dates stay
 * strings; infinities and NaN become `null`; integers that a double cannot hold become strings; an `__proto__` key is
 * left out) and `null`, or empty data and a warning that names the line when the block is broken, not a mapping, has a
 * key twice, uses an alias of nothing, expands too many aliases, nests too deeply or is longer than 256 Ki characters. Never throws.
 */
export function readFrontmatter({ frontmatter: block }: Pick<ParsedNote, 'frontmatter'>): FrontmatterReading {
  if (block === null) return { data: {}, warning: null };
  const { raw } = block;
  if (raw.length > MAX_FRONTMATTER_LENGTH) {
    return refused('The frontmatter that starts on line 1 is longer than 256 KB; move its text into the note.');
  }
  const plain = readPlainBlock(block);
  if (plain !== null) return { data: plain.data, warning: null };
  try {
    return readYaml(raw);
  } catch (error) {
    const cause = error instanceof ReferenceError ? 'repeats aliases too often' : 'nests too deeply';
    return refused(`The frontmatter that starts on line 1 ${cause} to be read.`);
  }
}
