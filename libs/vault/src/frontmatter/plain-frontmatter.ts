import { CR, DASH, DOUBLE_QUOTE, HASH, LF, OPEN_BRACKET, SINGLE_QUOTE, SPACE } from '../scan/characters.ts';
import type { FrontmatterBlock, YamlStyle } from '../scan/types.ts';

/** A string value in the YAML: its range in the raw text (quotes left out) and how it is quoted. */
export interface ScalarSpan {
  start: number;
  end: number;
  style: YamlStyle;
}

/** Frontmatter read without a YAML parser. */
export interface PlainFrontmatter {
  data: Record<string, unknown>;
  scalars: ScalarSpan[];
}

type Scalar = string | number | boolean | null;

const KEY = /^[A-Za-z_\u00c0-\u024f][\w\u00c0-\u024f-]*(?: [\w\u00c0-\u024f-]+)*$/;
const RESERVED_KEY = /^(?:null|true|false|__proto__)$/i;
// biome-ignore lint/suspicious/noControlCharactersInRegex: YAML gives these a meaning or refuses them
const UNUSUAL = /[\u0000-\u0009\u000b\u000c\u000e-\u001f\u007f-\u00a0\u2028\u2029\ud800-\udfff\ufeff\ufffe\uffff]/u;
const PLAIN_START = /^[A-Za-z0-9_/.+($~;^=<\u00a1-\ud7ff\ue000-\ufefe\u{10000}-\u{10ffff}]|^-[A-Za-z0-9.]/u;
const NULL = /^(?:~|null|Null|NULL)$/;
const TRUE = /^(?:true|True|TRUE)$/;
const FALSE = /^(?:false|False|FALSE)$/;
const INTEGER = /^[-+]?[0-9]{1,15}$/;
const DECIMAL = /^[-+]?[0-9]{1,10}\.[0-9]{1,10}$/;
const DATE = /^[0-9]{4}-[0-9]{2}-[0-9]{2}(?:[T ][0-9:.+Z-]*)?$/;
// Text that no number of the core schema looks like: it has a letter that no number holds, or a blank inside.
const NOT_NUMBER = /[g-mp-wyzG-MP-WYZ\u00a1-\uffff/_()]|[^ ] [^ ]/;

/** Marks text this reader does not read; such text is left to the YAML parser. */
const UNSURE = Symbol('unsure');

function resolveText(text: string): Scalar | typeof UNSURE {
  if (!PLAIN_START.test(text)) return UNSURE;
  const first = text.charCodeAt(0);
  const isLetter = (first >= 65 && first <= 90) || (first >= 97 && first <= 122);
  if (isLetter) {
    if (first === 110 || first === 78) return NULL.test(text) ? null : text;
    if (first === 116 || first === 84) return TRUE.test(text) ? true : text;
    if (first === 102 || first === 70) return FALSE.test(text) ? false : text;
    return text;
  }
  if (text === '~') return null;
  if (INTEGER.test(text) || DECIMAL.test(text)) return Number(text) + 0;
  if (DATE.test(text)) return text;
  return NOT_NUMBER.test(text) && first !== 46 && first !== 43 && first !== DASH ? text : UNSURE;
}

/** Reads the scalar `raw[from..to]`, white space around it left out; adds the range of a string to `scalars`. */
function readScalar(raw: string, from: number, to: number, scalars: ScalarSpan[]): Scalar | typeof UNSURE {
  const first = raw.charCodeAt(from);
  if (first === DOUBLE_QUOTE || first === SINGLE_QUOTE) {
    const close = raw.indexOf(first === DOUBLE_QUOTE ? '"' : "'", from + 1);
    if (close !== to - 1 || close < 0) return UNSURE;
    const text = raw.slice(from + 1, close);
    if (first === DOUBLE_QUOTE && text.includes('\\')) return UNSURE;
    scalars.push({ start: from + 1, end: close, style: first === DOUBLE_QUOTE ? 'double' : 'single' });
    return text;
  }
  const text = raw.slice(from, to);
  if (text.includes(': ') || text.includes(' #') || text.endsWith(':')) return UNSURE;
  const value = resolveText(text);
  if (typeof value === 'string') scalars.push({ start: from, end: to, style: 'plain' });
  return value;
}

const FLOW_INDICATOR = /[[\]{}:#]/;

/** Reads `[a, "b"]` at `from`..`to`; flow lists with nested or empty items are left to the YAML parser. */
function readFlowList(raw: string, from: number, to: number, scalars: ScalarSpan[]): Scalar[] | typeof UNSURE {
  if (raw.charCodeAt(to - 1) !== 93) return UNSURE;
  const items: Scalar[] = [];
  let at = skipSpaces(raw, from + 1, to - 1);
  if (at === to - 1) return items;
  for (;;) {
    const first = raw.charCodeAt(at);
    let end: number;
    let after: number;
    if (first === DOUBLE_QUOTE || first === SINGLE_QUOTE) {
      const close = raw.indexOf(first === DOUBLE_QUOTE ? '"' : "'", at + 1);
      if (close < 0 || close >= to - 1) return UNSURE;
      end = close + 1;
      after = skipSpaces(raw, end, to - 1);
      if (after < to - 1 && raw.charCodeAt(after) !== 44) return UNSURE;
    } else {
      const comma = raw.indexOf(',', at);
      after = comma < 0 || comma > to - 1 ? to - 1 : comma;
      end = trimEnd(raw, at, after);
      if (end === at || FLOW_INDICATOR.test(raw.slice(at, end))) return UNSURE;
    }
    const item = readScalar(raw, at, end, scalars);
    if (item === UNSURE) return UNSURE;
    items.push(item);
    if (after >= to - 1) return items;
    at = skipSpaces(raw, after + 1, to - 1);
    if (at >= to - 1) return UNSURE;
  }
}

function skipSpaces(raw: string, from: number, to: number): number {
  let at = from;
  while (at < to && raw.charCodeAt(at) === SPACE) at++;
  return at;
}

function trimEnd(raw: string, from: number, to: number): number {
  let end = to;
  while (end > from && raw.charCodeAt(end - 1) === SPACE) end--;
  return end;
}

/**
 * Reads frontmatter that is provably simple: lines `key: scalar`, `key: [a, b]`, and `key:` with `- item` lines.
 *
 * Takes the raw YAML between the `---` lines; returns its data as YAML 1.2's core schema has it and the ranges of its
 * string values, or `null` when any line is not simple, so that a YAML parser has to read it. Never throws.
 */
export function readPlainFrontmatter(raw: string): PlainFrontmatter | null {
  if (UNUSUAL.test(raw)) return null;
  const data: Record<string, unknown> = {};
  const scalars: ScalarSpan[] = [];
  let openKey = '';
  let list: Scalar[] | null = null;
  let listIndent = -1;
  let at = 0;
  while (at < raw.length) {
    const found = raw.indexOf('\n', at);
    const lineBreak = found < 0 ? raw.length : found;
    let stop = lineBreak;
    if (stop > at && raw.charCodeAt(stop - 1) === CR) stop--;
    const end = trimEnd(raw, at, stop);
    const from = skipSpaces(raw, at, end);
    const indent = from - at;
    at = lineBreak + 1;
    if (from === end) continue;
    const first = raw.charCodeAt(from);
    if (raw.charCodeAt(end - 1) === CR) return null;
    if (first === HASH) {
      if (indent > 0) return null;
      continue;
    }
    if (first === DASH && (raw.charCodeAt(from + 1) === SPACE || from + 1 === end)) {
      if (openKey === '' || (listIndent >= 0 && listIndent !== indent)) return null;
      const itemStart = skipSpaces(raw, from + 1, end);
      if (itemStart >= end) return null;
      const item = readScalar(raw, itemStart, end, scalars);
      if (item === UNSURE) return null;
      if (list === null) {
        list = [];
        data[openKey] = list;
        listIndent = indent;
      }
      list.push(item);
      continue;
    }
    if (indent > 0) return null;
    const colon = raw.indexOf(':', from);
    if (colon < 0 || colon >= end) return null;
    const key = raw.slice(from, colon);
    if (!KEY.test(key) || RESERVED_KEY.test(key) || Object.hasOwn(data, key)) return null;
    list = null;
    listIndent = -1;
    if (colon + 1 === end) {
      data[key] = null;
      openKey = key;
      continue;
    }
    if (raw.charCodeAt(colon + 1) !== SPACE) return null;
    openKey = '';
    const valueStart = skipSpaces(raw, colon + 1, end);
    const value =
      raw.charCodeAt(valueStart) === OPEN_BRACKET
        ? readFlowList(raw, valueStart, end, scalars)
        : readScalar(raw, valueStart, end, scalars);
    if (value === UNSURE) return null;
    data[key] = value;
  }
  return raw.charCodeAt(raw.length - 1) === LF || raw === '' ? { data, scalars } : null;
}

const scalarsOf = new WeakMap<FrontmatterBlock, readonly ScalarSpan[]>();

/** As `readPlainFrontmatter`, of a note's block; remembers where its scalars are for `plainScalars`. */
export function readPlainBlock(block: FrontmatterBlock): PlainFrontmatter | null {
  const plain = readPlainFrontmatter(block.raw);
  if (plain !== null) scalarsOf.set(block, plain.scalars);
  return plain;
}

/** The string values of a note's block, read unless they have been; null when it is not simple. Never throws. */
export function plainScalars(block: FrontmatterBlock): readonly ScalarSpan[] | null {
  return scalarsOf.get(block) ?? readPlainFrontmatter(block.raw)?.scalars ?? null;
}
