import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Term } from '../src/domain/query.ts';
import { findPlaces } from '../src/domain/snippet.ts';
import { fold } from '../src/domain/tokens.ts';

const MOST = 10;

/** Where a term's words stand one after the other, found by looking at every word. */
function placesOf(text: string, { tokens, prefix }: Term): string[] {
  const words = [...text.matchAll(/[\p{L}\p{N}\p{M}]+/gu)];
  return words.flatMap((first, at) => {
    const here = words.slice(at, at + tokens.length);
    const last = here.at(-1);
    const isThere = ([word]: RegExpExecArray, index: number) => {
      const isBeginning = prefix && index === tokens.length - 1;
      return isBeginning ? fold(word).startsWith(tokens[index] ?? '') : fold(word) === tokens[index];
    };
    if (!last || here.length < tokens.length || !here.every(isThere)) return [];
    return [`${first.index}-${last.index + last[0].length}`];
  });
}

const word = fc.constantFrom('a', 'A', 'ab', 'Ab', 'áb', 'b', 'abc', 'é', 'É', 'я', '\u212a', 'k', 'ﬁ', 'fi', '𝒜', '7');
const between = fc.constantFrom(' ', ' ', ', ', '—', '“', '\ud800', '🙂', '');
const text = fc
  .array(fc.tuple(word, between), { maxLength: 14 })
  .map((parts) => parts.map(([one, gap]) => `${one}${gap}`).join(''));
const token = fc.constantFrom('a', 'ab', 'b', 'abc', 'e', 'я', 'k', 'fi', '7');
const term = fc.record({ tokens: fc.array(token, { minLength: 1, maxLength: 3 }), prefix: fc.boolean() });

test('terms are found where their words stand, in any text', () => {
  fc.assert(
    fc.property(text, term, (content, wanted) => {
      const found = findPlaces(content, [wanted]).map(({ start, end }) => `${start}-${end}`);
      expect(found).toEqual(placesOf(content, wanted).slice(0, MOST));
    }),
    { numRuns: 1_000 },
  );
});

test('of several terms the first ten places are shown, in their order', () => {
  const content = 'one two '.repeat(20);
  const found = findPlaces(content, [
    { tokens: ['two'], prefix: false },
    { tokens: ['one'], prefix: false },
  ]);
  expect(found.map(({ start, end }) => content.slice(start, end))).toEqual(
    Array.from({ length: 5 }, () => ['one', 'two']).flat(),
  );
});
