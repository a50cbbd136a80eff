import { baseName } from '../paths/paths.ts';
import type { ParsedNote } from '../scan/types.ts';

function valuesOf(data: Readonly<Record<string, unknown>>, names: readonly string[]): unknown[] {
  const values: unknown[] = [];
  for (const key of Object.keys(data)) if (names.includes(key.toLowerCase())) values.push(data[key]);
  return values;
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value.trim();
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : '';
}

function unique(texts: Iterable<string>): string[] {
  const seen = new Map<string, string>();
  for (const text of texts) {
    const key = text.toLowerCase();
    if (!seen.has(key)) seen.set(key, text);
  }
  return [...seen.values()];
}

const ONLY_DIGITS = /^[0-9]*$/;

function* tagTexts(value: unknown): Generator<string> {
  const texts = Array.isArray(value) ? value.map(textOf) : textOf(value).split(/[\s,]+/);
  for (const text of texts) {
    const tag = text.startsWith('#') ? text.slice(1) : text;
    if (!ONLY_DIGITS.test(tag)) yield tag;
  }
}

/**
 * Tags a note's properties give it.
 *
 * Takes the frontmatter's data; returns the tags of `tags` and `tag` (a list, or text separated by commas or white
 * space) without leading `#`, unique ignoring case. Tags of digits only are none (Obsidian's documentation, "Tags").
 * Never throws.
 */
export function frontmatterTags(data: Readonly<Record<string, unknown>>): string[] {
  return unique(valuesOf(data, ['tags', 'tag']).flatMap((value) => [...tagTexts(value)]));
}

/**
 * Other names a note's properties give it.
 *
 * Takes the frontmatter's data; returns the names in `aliases` and `alias` (a list, or text separated by commas),
 * unique ignoring case (Obsidian's documentation, "Aliases"). Never throws.
 */
export function frontmatterAliases(data: Readonly<Record<string, unknown>>): string[] {
  const texts = valuesOf(data, ['aliases', 'alias']).flatMap((value) =>
    Array.isArray(value) ? value.map(textOf) : textOf(value).split(',').map(textOf),
  );
  return unique(texts.filter((text) => text !== ''));
}

/**
 * All tags of a note, from its properties first and then from its text.
 *
 * Takes the parsed note and its frontmatter's data; returns the tags without `#`, unique ignoring case, the first
 * spelling kept. Never throws.
 */
export function noteTags(parsed: ParsedNote, frontmatterData: Readonly<Record<string, unknown>>): string[] {
  const fromProperties = frontmatterTags(frontmatterData);
  if (parsed.tags.length === 0) return fromProperties;
  return unique([...fromProperties, ...parsed.tags.map((occurrence) => occurrence.tag)]);
}

/**
 * Title of a note: like Obsidian, its file name without extension.
 *
 * Takes the note's vault path and (so that callers need not change should headings ever count) the parsed note.
 * Never throws.
 */
export function noteTitle(path: string, _parsed?: ParsedNote): string {
  const name = baseName(path);
  return name.replace(/\.(?:md|markdown)$/i, '') || name;
}
