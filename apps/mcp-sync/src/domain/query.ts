import { collisionKey } from '@weave-nn/vault';
import { ReadSideError } from '../errors.ts';
import { storableText } from './storable.ts';
import { isSingleCjk, tokenize } from './tokens.ts';

/** Words that must follow each other; the last may be only a beginning. */
export interface Term {
  tokens: string[];
  prefix: boolean;
}

/** What a search asks for. */
export interface Query {
  /** All of these are wanted. */
  terms: Term[];
  /** None of these. */
  excluded: Term[];
  /** All of these tags, nested ones included; lower case, without `#`. */
  tags: string[];
  /** All of these in the path; folded as `IndexedNote.pathKey` is. */
  paths: string[];
}

const LONGEST = 2_000;
const MOST_TERMS = 64;
const PART = /(-?)(?:(tag|path):)?(?:"([^"]*)"?|(\S+))(\*?)/gu;

function toTerm(text: string, star: boolean): Term | null {
  const tokens = tokenize(text);
  if (tokens.length === 0) return null;
  const single = tokens.length === 1 && isSingleCjk(tokens[0] ?? '');
  return { tokens: single ? tokens : withoutTail(tokens), prefix: star || single };
}

/** A phrase of pairs ends with its last pair: the single character after it need not follow in the note. */
function withoutTail(tokens: string[]): string[] {
  const last = tokens.at(-1) ?? '';
  const before = tokens.at(-2);
  return before !== undefined && isSingleCjk(last) && before.endsWith(last) ? tokens.slice(0, -1) : tokens;
}

/**
 * Reads what a person typed: words, "phrases", `begin*`, `-without`, `tag:a/b`, `path:Projects`.
 * A quotation mark that is not closed closes at the end.
 *
 * @throws ReadSideError `query-too-long`, or `query-empty` when nothing is left to look for
 */
export function readQuery(text: string): Query {
  if (text.length > LONGEST) {
    throw new ReadSideError('query-too-long', `a query has at most ${LONGEST} characters; this one has ${text.length}`);
  }
  const query: Query = { terms: [], excluded: [], tags: [], paths: [] };
  for (const [, minus, field, phrase, word = '', starAfter] of storableText(text).matchAll(PART)) {
    const value = phrase ?? word;
    if (field === 'tag') query.tags.push(value.replace(/^#/, '').replace(/\/$/, '').toLowerCase());
    else if (field === 'path') query.paths.push(collisionKey(value));
    else {
      const term = toTerm(value, value.endsWith('*') || starAfter === '*');
      if (term) (minus ? query.excluded : query.terms).push(term);
    }
  }
  query.tags = query.tags.filter((tag) => tag !== '');
  query.paths = query.paths.filter((path) => path !== '');
  if (query.terms.length + query.tags.length + query.paths.length === 0) {
    throw new ReadSideError('query-empty', 'the query has no word, tag: or path: to look for');
  }
  if (query.terms.length + query.excluded.length > MOST_TERMS) {
    throw new ReadSideError('query-too-long', `a query has at most ${MOST_TERMS} words and phrases`);
  }
  return query;
}
