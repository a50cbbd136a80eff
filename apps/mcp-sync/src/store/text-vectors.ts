import type { Term } from '../domain/query.ts';
import { tokensOf } from '../domain/tokens.ts';

/*
 * PostgreSQL bounds a text search vector: 1 MB, positions up to 16,383, 255 positions of one lexeme
 * (https://www.postgresql.org/docs/current/textsearch-limitations.html). A note is as many vectors as it needs.
 */
const MAX_POSITIONS = 16_383;
const MAX_OF_LEXEME = 255;
const MAX_BYTES = 1_000_000;
/** Characters of a lexeme, which may have 2 KB: longer words are told apart by their beginning. */
const MAX_LEXEME_LENGTH = 500;
/** Words of a phrase that stand in one vector, wherever a note is cut: each vector begins with the last of the one before. */
const MAX_PHRASE_LENGTH = 128;

/** PostgreSQL's name for each of the texts that are looked through, by which they are weighed. */
const LABELS = ['A', 'B', 'C', ''];

function toLexeme(token: string): string {
  return token.length <= MAX_LEXEME_LENGTH ? token : token.slice(0, MAX_LEXEME_LENGTH).toWellFormed();
}

function quote(lexeme: string): string {
  return `'${lexeme.replace(/['\\]/g, '$&$&')}'`;
}

interface Word {
  lexeme: string;
  label: string;
}

/** One vector while it fills. */
function createVector() {
  const positions = new Map<string, string[]>();
  let last = 0;
  let bytes = 0;
  return {
    /** Leaves a position empty, so that no phrase goes across. */
    skip() {
      last++;
    },
    /** Puts a word at the next position; answers false, and does nothing, when the vector is full. */
    add({ lexeme, label }: Word): boolean {
      const known = positions.get(lexeme);
      // Beside its bytes a lexeme has its alignment and count, and each position two bytes.
      const added = known ? 2 : Buffer.byteLength(lexeme) + 5;
      const full = last >= MAX_POSITIONS || bytes + added > MAX_BYTES || known?.length === MAX_OF_LEXEME;
      if (full) return false;
      last++;
      bytes += added;
      if (known) known.push(`${last}${label}`);
      else positions.set(lexeme, [`${last}${label}`]);
      return true;
    },
    isEmpty: () => positions.size === 0,
    /** The vector as a literal of PostgreSQL. */
    literal: () => [...positions].map(([lexeme, at]) => `${quote(lexeme)}:${at.join(',')}`).join(' '),
  };
}

/**
 * The literals of the vectors of a note.
 *
 * @param texts title and aliases, headings, tags, and text
 */
export function* vectorsOf(texts: readonly string[]): Generator<string> {
  let vector = createVector();
  for (const [index, text] of texts.entries()) {
    const label = LABELS[index] ?? '';
    const recent: Word[] = [];
    for (const token of tokensOf(text)) {
      const word = { lexeme: toLexeme(token), label };
      if (!vector.add(word)) {
        yield vector.literal();
        vector = createVector();
        for (const before of recent) vector.add(before);
        vector.add(word);
      }
      recent.push(word);
      if (recent.length === MAX_PHRASE_LENGTH) recent.shift();
    }
    vector.skip();
  }
  if (!vector.isEmpty()) yield vector.literal();
}

/**
 * What a note's vectors must fit for the note to have a term: for each of these queries one vector. A phrase too long
 * for that is looked for in parts that overlap by half.
 */
export function vectorQueries({ tokens, prefix }: Term): string[] {
  const queries: string[] = [];
  for (let start = 0; ; start += MAX_PHRASE_LENGTH / 2) {
    const part = tokens.slice(start, start + MAX_PHRASE_LENGTH);
    const isLast = start + MAX_PHRASE_LENGTH >= tokens.length;
    queries.push(part.map((token) => quote(toLexeme(token))).join(' <-> ') + (isLast && prefix ? ':*' : ''));
    if (isLast) return queries;
  }
}
