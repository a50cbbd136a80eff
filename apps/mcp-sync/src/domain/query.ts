import { collisionKey } from '@weave-nn/vault';
import { ReadSideError } from '../errors.ts';
import { type Piece, piecesOf } from './query-text.ts';
import { storableText } from './storable.ts';
import { isSinglePaired, tokenize } from './tokens.ts';

/** Words that must follow each other; the last may be only a beginning. */
export interface Term {
  tokens: string[];
  prefix: boolean;
}

/** A condition on a note. `path` and `file` are parts of the path and of the file's name, folded as `IndexedNote.pathKey` is. */
export type Condition =
  | { kind: 'all' | 'any'; of: Condition[] }
  | { kind: 'not'; of: Condition }
  | { kind: 'term'; term: Term }
  | { kind: 'tag' | 'path' | 'file'; value: string };

/** What a search asks for. */
export interface Query {
  /** All of these must hold. */
  conditions: Condition[];
  /** The words and phrases that notes may be found by: they rank a note and are shown in it. */
  terms: Term[];
}

type Field = 'text' | 'tag' | 'path' | 'file';

const MAX_LENGTH = 2_000;
const MAX_TERMS = 64;
const MAX_DEPTH = 32;
const FIELDS: Readonly<Record<string, Field>> = { tag: 'tag', path: 'path', file: 'file', content: 'text' };

/** A phrase of pairs ends with its last pair: the single character after it need not follow in the note. */
function withoutTail(tokens: string[]): string[] {
  const last = tokens.at(-1) ?? '';
  const before = tokens.at(-2);
  return before !== undefined && isSinglePaired(last) && before.endsWith(last) ? tokens.slice(0, -1) : tokens;
}

function toTerm(text: string, star: boolean): Condition | null {
  const tokens = tokenize(text);
  if (tokens.length === 0) return null;
  const single = tokens.length === 1 && isSinglePaired(tokens[0] ?? '');
  return { kind: 'term', term: { tokens: single ? tokens : withoutTail(tokens), prefix: star || single } };
}

function toCondition(field: Field, value: string, star: boolean): Condition | null {
  if (field === 'text') return toTerm(value, star);
  const wanted = field === 'tag' ? value.replace(/^#/, '').replace(/\/$/, '').toLowerCase() : collisionKey(value);
  return wanted === '' ? null : { kind: field, value: wanted };
}

function join(kind: 'all' | 'any', of: readonly (Condition | null)[]): Condition | null {
  const found = of.filter((each) => each !== null);
  return found.length > 1 ? { kind, of: found } : (found[0] ?? null);
}

function unsupported(what: string): ReadSideError {
  const supported = 'words, "phrases", begin*, -without, OR, ( ), tag:, path:, file:';
  return new ReadSideError('query-unsupported', `${what} is not supported in a query; supported are ${supported}`);
}

/** Reads pieces as a condition: what stands side by side must hold together, and binds closer than `OR`. */
function createReader(pieces: readonly Piece[]) {
  let at = 0;

  function readAny(field: Field, depth: number): Condition | null {
    if (depth > MAX_DEPTH) throw new ReadSideError('query-invalid', `parentheses nest more than ${MAX_DEPTH} deep`);
    const alternatives = [readAll(field, depth)];
    while (pieces[at]?.kind === 'or') {
      at++;
      alternatives.push(readAll(field, depth));
    }
    return join('any', alternatives);
  }

  function readAll(field: Field, depth: number): Condition | null {
    const found: (Condition | null)[] = [];
    for (let piece = pieces[at]; piece; piece = pieces[at]) {
      if (piece.kind === 'or' || (piece.kind === 'close' && depth > 0)) break;
      found.push(readOne(field, depth));
    }
    return join('all', found);
  }

  function readOne(field: Field, depth: number): Condition | null {
    const piece = pieces[at++];
    switch (piece?.kind) {
      case 'not': {
        const negated = pieces[at] ? readOne(field, depth) : null;
        return negated && { kind: 'not', of: negated };
      }
      case 'field': {
        const named = FIELDS[piece.name];
        if (!named) throw unsupported(`${piece.name}:`);
        return pieces[at] ? readOne(named, depth) : null;
      }
      case 'open': {
        const group = readAny(field, depth + 1);
        // A parenthesis that is not closed closes at the end.
        if (pieces[at]?.kind === 'close') at++;
        return group;
      }
      case 'text':
        return toCondition(field, piece.value, piece.star);
      case 'unsupported':
        throw unsupported(piece.value);
      default:
        return null;
    }
  }

  return () => readAny('text', 0);
}

/** The terms that a note may be found by: not those that it must not have. */
function* wantedTerms(condition: Condition): Generator<Term> {
  if (condition.kind === 'term') yield condition.term;
  if (condition.kind === 'all' || condition.kind === 'any') for (const each of condition.of) yield* wantedTerms(each);
}

function countLeaves(condition: Condition): number {
  if (condition.kind === 'not') return countLeaves(condition.of);
  if (condition.kind !== 'all' && condition.kind !== 'any') return 1;
  return condition.of.reduce((total, each) => total + countLeaves(each), 0);
}

/** Whether a condition is of words alone. */
function isOfWords(condition: Condition): boolean {
  if (condition.kind === 'not') return isOfWords(condition.of);
  if (condition.kind === 'all' || condition.kind === 'any') return condition.of.every(isOfWords);
  return condition.kind === 'term';
}

/**
 * Reads what a person typed: words, "phrases", `begin*`, `-without`, `tag:a/b`, `path:Projects`, `file:note`, `OR` and
 * parentheses, as Obsidian's search has them (https://help.obsidian.md/plugins/search). A field may stand before a
 * parenthesis, and its name in any case. A quotation mark or parenthesis that is not closed closes at the end.
 *
 * @throws ReadSideError `query-too-long`, `query-unsupported` for other operators of Obsidian's search, which it names,
 *   `query-invalid` for parentheses nested too deep, `query-empty` when nothing is left to look for
 */
export function readQuery(text: string, tag?: string): Query {
  if (text.length > MAX_LENGTH) {
    throw new ReadSideError(
      'query-too-long',
      `a query has at most ${MAX_LENGTH} characters; this one has ${text.length}`,
    );
  }
  const read = createReader(piecesOf(storableText(text)))();
  const typed = read?.kind === 'all' ? read.of : read ? [read] : [];
  const filter = tag === undefined ? null : toCondition('tag', storableText(tag), false);
  const conditions = filter ? [...typed, filter] : typed;
  if (conditions.length === 0) {
    throw new ReadSideError('query-empty', 'the query has no word, tag:, path: or file: to look for');
  }
  if (conditions.reduce((total, each) => total + countLeaves(each), 0) > MAX_TERMS) {
    throw new ReadSideError('query-too-long', `a query has at most ${MAX_TERMS} words, phrases and fields`);
  }
  if (conditions.every((each) => each.kind === 'not' && isOfWords(each))) {
    throw new ReadSideError('query-empty', 'the query has only words that notes must not have; add what to look for');
  }
  return { conditions, terms: conditions.flatMap((each) => [...wantedTerms(each)]) };
}
