import type { SearchHit } from '@weave-nn/clients';
import type { Term } from './query.ts';
import { fold, hasPaired, spelledToken } from './tokens.ts';
import { nextWord, type Place, wordAt } from './words.ts';

const BEFORE = 60;
const LENGTH = 220;
const MAX_MATCHES = 10;
/** Longer notes are looked through only this far for places to show. */
const LOOKED_THROUGH = 400_000;

/** A term as it is found in a text: words to compare, or characters in a row for symbols and scripts without spaces. */
interface Needle {
  words: string[];
  prefix: boolean;
  characters: RegExp | null;
}

function toNeedle({ tokens, prefix }: Term): Needle {
  const spelledOne = tokens.length === 1 ? spelledToken(tokens[0] ?? '') : null;
  if (spelledOne !== null) {
    return { words: [], prefix, characters: new RegExp(`(?<![\\p{L}\\p{N}])${RegExp.escape(spelledOne)}`, 'giu') };
  }
  if (!tokens.some(hasPaired)) return { words: tokens, prefix, characters: null };
  // Pairs overlap by one character: the first of each, and all of the last, spell the text again.
  const spelled = tokens.map((token, index) =>
    index === tokens.length - 1 || !hasPaired(token) ? token : [...token][0],
  );
  return { words: [], prefix, characters: new RegExp(RegExp.escape(spelled.join('')), 'gu') };
}

function findCharacters(text: string, characters: RegExp): Place[] {
  return text
    .matchAll(characters)
    .take(MAX_MATCHES)
    .map(({ index, 0: found }) => ({ start: index, end: index + found.length }))
    .toArray();
}

/**
 * What in a text may be of a word that folds to this one. Folding leaves ASCII as it is but for its case, so that all
 * other words need not be looked at: a page of a hundred long notes took 30 ms when each was.
 */
function traceOf(word: string): RegExp {
  return new RegExp(/^\w+$/.test(word) ? `${word}|[^\\0-\\x7f]` : '[^\\0-\\x7f]', 'gi');
}

/** Where a needle's words stand, of which the first is here. */
function placeFrom(text: string, here: Place, { words, prefix }: Needle): Place | undefined {
  let last = here;
  for (const [index, wanted] of words.entries()) {
    const word = index === 0 ? here : nextWord(text, last.end);
    if (!word) return undefined;
    const folded = fold(text.slice(word.start, word.end));
    const isLast = index === words.length - 1;
    if (prefix && isLast ? !folded.startsWith(wanted) : folded !== wanted) return undefined;
    last = word;
  }
  return { start: here.start, end: last.end };
}

function findWords(text: string, needle: Needle): Place[] {
  const [first] = needle.words;
  const places: Place[] = [];
  if (first === undefined) return places;
  const trace = traceOf(first);
  for (let found = trace.exec(text); found && places.length < MAX_MATCHES; found = trace.exec(text)) {
    const word = wordAt(text, found.index);
    if (!word) continue;
    trace.lastIndex = word.end;
    const place = placeFrom(text, word, needle);
    if (place) places.push(place);
  }
  return places;
}

/** Where terms stand in a text, in order, the first ten. */
export function findPlaces(content: string, terms: readonly Term[]): Place[] {
  const text = content.length > LOOKED_THROUGH ? content.slice(0, LOOKED_THROUGH) : content;
  const places = terms
    .map(toNeedle)
    .flatMap((needle) => (needle.characters ? findCharacters(text, needle.characters) : findWords(text, needle)));
  return places.sort((one, other) => one.start - other.start).slice(0, MAX_MATCHES);
}

const escapes: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? character);
}

function mark(content: string, from: number, to: number, places: readonly Place[]): string {
  let html = '';
  let at = from;
  for (const { start, end } of places) {
    if (start < at || end > to) continue;
    html += `${escapeHtml(content.slice(at, start))}<mark>${escapeHtml(content.slice(start, end))}</mark>`;
    at = end;
  }
  return html + escapeHtml(content.slice(at, to));
}

/** A boundary near `at` that does not cut a word or a surrogate pair. */
function boundary(content: string, at: number, step: 1 | -1): number {
  let index = Math.max(0, Math.min(content.length, at));
  for (let moved = 0; moved < 20 && index > 0 && index < content.length; moved++, index += step) {
    if (/\s/.test(content[index] ?? '')) break;
  }
  const code = content.charCodeAt(index);
  return code >= 0xdc00 && code <= 0xdfff ? index - 1 : index;
}

/** Places in their order, each with the line, from 1, that it begins in. */
function withLines(content: string, places: readonly Place[]): SearchHit['matches'] {
  let line = 1;
  let lineEnd = content.indexOf('\n');
  return places.map((place) => {
    for (; lineEnd !== -1 && lineEnd < place.start; lineEnd = content.indexOf('\n', lineEnd + 1)) line++;
    return { line, ...place };
  });
}

/** The part of a note that shows why it was found, as HTML, and where the terms stand. */
export function makeSnippet(content: string, terms: readonly Term[]): Pick<SearchHit, 'snippet' | 'matches'> {
  const places = findPlaces(content, terms);
  const first = places[0]?.start ?? 0;
  const from = first <= BEFORE ? 0 : boundary(content, first - BEFORE, 1);
  const to = boundary(content, from + LENGTH, -1);
  const shown = mark(content, from, Math.max(to, from), places).replace(/\s+/g, ' ').trim();
  return {
    snippet: `${from > 0 ? '…' : ''}${shown}${to < content.length ? '…' : ''}`,
    matches: withLines(content, places),
  };
}
