import { isDeepStrictEqual } from 'node:util';
import { type Document, isCollection, isMap, isScalar, isSeq, parseDocument } from 'yaml';
import { VaultError } from '../errors.ts';
import { dominantLineBreak, nextLineStart, trimBack } from '../scan/line-break.ts';
import { parseNote } from '../scan/parse.ts';
import type { ParsedNote, TextRange } from '../scan/types.ts';
import { readFrontmatter } from './frontmatter.ts';
import { flowYaml, inlineYaml, keyYaml, pairYaml } from './yaml-text.ts';

export type FrontmatterOperation = 'append' | 'prepend' | 'replace' | 'remove';

/** A change of one property. */
export interface FrontmatterChange {
  key: string;
  operation: FrontmatterOperation;
  content: unknown;
  createIfMissing: boolean;
}

interface PropertyRange {
  keyStart: number;
  keyEnd: number;
  valueStart: number;
  valueEnd: number;
  /** Range and layout of the items when the value is a list. */
  list: { start: number; end: number; flow: boolean; itemEnds: number[] } | null;
}

// Keys that are there twice are refused before; the parser's own check takes quadratic time.
const PARSE_OPTIONS = {
  version: '1.2',
  schema: 'core',
  resolveKnownTags: false,
  uniqueKeys: false,
  prettyErrors: false,
  logLevel: 'error',
} as const;

function notFound(key: string): VaultError {
  return new VaultError('section-not-found', `The note has no property "${key}".`);
}

function invalid(reason: string): VaultError {
  return new VaultError('frontmatter-invalid', reason);
}

function jsonValue(content: unknown): unknown {
  const text = JSON.stringify(content);
  if (text === undefined) {
    throw new VaultError(
      'edit-invalid',
      'The content for a property must be text, a number, a boolean, a list or an object.',
    );
  }
  return JSON.parse(text);
}

function endOf(node: unknown): number {
  if (isScalar(node) || isCollection(node)) return node.range?.[1] ?? 0;
  return 0;
}

function propertyRange(document: Document, raw: string, key: string): PropertyRange | null {
  const { contents } = document;
  if (!isMap(contents) || contents.flow) return null;
  for (const pair of contents.items) {
    if (!isScalar(pair.key) || String(pair.key.value) !== key || !pair.key.range) continue;
    const [keyStart, keyEnd] = pair.key.range;
    const { value } = pair;
    if (!(isScalar(value) || isCollection(value)) || !value.range) return null;
    const [valueStart] = value.range;
    const valueEnd = trimBack(raw, keyEnd, value.range[1]);
    const list = isSeq(value)
      ? { start: valueStart, end: valueEnd, flow: value.flow === true, itemEnds: value.items.map(endOf) }
      : null;
    return { keyStart, keyEnd, valueStart, valueEnd: Math.max(valueEnd, keyEnd + 1), list };
  }
  return null;
}

function addToFlow(raw: string, range: PropertyRange, items: readonly unknown[], prepend: boolean): string {
  const list = range.list ?? { start: 0, end: 0, itemEnds: [] };
  const text = items.map(flowYaml).join(', ');
  const isEmpty = list.itemEnds.length === 0;
  if (isEmpty || prepend) {
    const at = list.start + 1;
    return `${raw.slice(0, at)}${text}${isEmpty ? '' : ', '}${raw.slice(at)}`;
  }
  const at = trimBack(raw, list.start, list.end - 1);
  return `${raw.slice(0, at)}, ${text}${raw.slice(at)}`;
}

function addToBlock(
  raw: string,
  range: PropertyRange,
  items: readonly unknown[],
  prepend: boolean,
  nl: string,
): string {
  const list = range.list ?? { start: 0, end: 0, itemEnds: [] };
  const lineStart = raw.lastIndexOf('\n', list.start - 1) + 1;
  const indent = raw.slice(lineStart, list.start);
  const text = items.map((item) => `${indent}- ${inlineYaml(item)}${nl}`).join('');
  const at = prepend ? lineStart : nextLineStart(raw, list.end);
  return raw.slice(0, at) + text + raw.slice(at);
}

function replaceValue(raw: string, range: PropertyRange, key: string, value: unknown, nl: string): string {
  const written = pairYaml(key, value, nl);
  const afterKey = written.slice(keyYaml(key).length);
  return raw.slice(0, range.keyEnd) + afterKey + raw.slice(range.valueEnd);
}

function removeProperty(raw: string, range: PropertyRange): string {
  return raw.slice(0, range.keyStart) + raw.slice(nextLineStart(raw, range.valueEnd));
}

/** The value a property has after the change. */
function changedValue(before: unknown, change: FrontmatterChange): unknown {
  const content = jsonValue(change.content);
  if (change.operation === 'replace') return content;
  const prepend = change.operation === 'prepend';
  const items = Array.isArray(content) ? content : [content];
  if (before === null || before === undefined) return items;
  if (Array.isArray(before)) return prepend ? [...items, ...before] : [...before, ...items];
  if (typeof before === 'string' && typeof content === 'string') return prepend ? content + before : before + content;
  throw new VaultError(
    'frontmatter-not-a-list',
    `The property "${change.key}" is not a list, so nothing can be added to it; replace it instead.`,
  );
}

function changedRaw(raw: string, range: PropertyRange, change: FrontmatterChange, value: unknown, nl: string): string {
  if (change.operation === 'remove') return removeProperty(raw, range);
  if (change.operation !== 'replace' && range.list !== null) {
    const content = jsonValue(change.content);
    const items = Array.isArray(content) ? content : [content];
    const prepend = change.operation === 'prepend';
    if (range.list.flow) return addToFlow(raw, range, items, prepend);
    return addToBlock(raw, range, items, prepend, nl);
  }
  return replaceValue(raw, range, change.key, value, nl);
}

function reformatted(document: Document, change: FrontmatterChange, value: unknown, nl: string): string {
  if (change.operation === 'remove') document.deleteIn([change.key]);
  else document.setIn([change.key], value);
  const text = document.toString({ lineWidth: 0 });
  return nl === '\n' ? text : text.replaceAll('\n', nl);
}

function attempt(make: () => string): string | null {
  try {
    return make();
  } catch (error) {
    if (error instanceof VaultError) throw error;
    return null;
  }
}

/**
 * Changes one property of a note.
 *
 * Takes the note's text, its parse and the change; returns the new text. Other properties keep their bytes, comments
 * and order. Appending and prepending add to a list (each item of a list content) or to text; a missing or empty
 * property becomes a list. Throws `frontmatter-invalid`, `frontmatter-not-a-list`, `section-not-found` (a property
 * that is missing and not to be created) or `edit-invalid`.
 */
export function editFrontmatter(text: string, parsed: ParsedNote, change: FrontmatterChange): string {
  const { key, operation } = change;
  if (key === '' || key === '__proto__') throw new VaultError('edit-invalid', 'The property needs another name.');
  const nl = dominantLineBreak(text);
  const block = parsed.frontmatter;
  const reading = readFrontmatter(parsed);
  if (reading.warning !== null) throw invalid(`${reading.warning} Correct it first.`);
  const { data } = reading;
  const exists = Object.hasOwn(data, key);
  if (!exists && (operation === 'remove' || !change.createIfMissing)) throw notFound(key);
  const value = operation === 'remove' ? undefined : changedValue(data[key], change);
  const expected = { ...data, [key]: value };
  if (operation === 'remove') delete expected[key];

  if (block === null) {
    const at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
    return `${text.slice(0, at)}---${nl}${pairYaml(key, value, nl)}${nl}---${nl}${text.slice(at)}`;
  }
  const { raw } = block;
  if (operation === 'remove' && Object.keys(expected).length === 0 && !/^\s*#/m.test(raw)) {
    return text.slice(0, block.start) + text.slice(block.end);
  }
  const withRaw = (changed: string): string =>
    text.slice(0, block.contentStart) + changed + text.slice(block.contentEnd);
  const isAsExpected = (changed: string | null): changed is string => {
    if (changed === null) return false;
    const after = withRaw(changed);
    const again = parseNote(after);
    const read = readFrontmatter(again);
    return read.warning === null && again.frontmatter?.raw === changed && isDeepStrictEqual(read.data, expected);
  };
  const document = parseDocument(raw, PARSE_OPTIONS);
  const range = exists ? propertyRange(document, raw, key) : null;
  const inPlace = attempt(() => {
    if (!exists) return `${raw}${pairYaml(key, value, nl)}${nl}`;
    return range === null ? reformatted(document, change, value, nl) : changedRaw(raw, range, change, value, nl);
  });
  if (isAsExpected(inPlace)) return withRaw(inPlace);
  const rewritten = attempt(() => reformatted(document, change, value, nl));
  if (isAsExpected(rewritten)) return withRaw(rewritten);
  throw invalid(`The property "${key}" cannot be changed because other parts of the frontmatter refer to it.`);
}

/** Range of a property's value as written; throws `section-not-found` or `frontmatter-invalid`. */
export function propertyValueRange(parsed: ParsedNote, key: string): TextRange {
  const reading = readFrontmatter(parsed);
  if (reading.warning !== null) throw invalid(`${reading.warning} Correct it first.`);
  const block = parsed.frontmatter;
  if (block === null || !Object.hasOwn(reading.data, key)) throw notFound(key);
  const document = parseDocument(block.raw, PARSE_OPTIONS);
  const range = propertyRange(document, block.raw, key);
  if (range === null) return { start: block.contentStart, end: block.contentEnd, line: 2 };
  const start = block.contentStart + Math.min(range.valueStart, range.valueEnd);
  return { start, end: block.contentStart + range.valueEnd, line: 2 };
}
