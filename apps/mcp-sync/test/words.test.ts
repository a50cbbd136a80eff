import fc from 'fast-check';
import { expect, test } from 'vitest';
import { nextWord, wordAt } from '../src/domain/words.ts';

function wordsOf(text: string): string[] {
  const words: string[] = [];
  for (let word = nextWord(text, 0); word; word = nextWord(text, word.end))
    words.push(text.slice(word.start, word.end));
  return words;
}

test.each([
  ['', []],
  ['one, two.', ['one', 'two']],
  ['e\u0301te\u0301 été', ['e\u0301te\u0301', 'été']],
  ['𝒜bc🙂x', ['𝒜bc', 'x']],
  ['a\ud800b', ['a', 'b']],
  ['東京 2026', ['東京', '2026']],
])('the words of %j are %j', (text, words) => {
  expect(wordsOf(text)).toEqual(words);
});

test('words are what letters, digits and marks make, in any text', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      expect(wordsOf(text)).toEqual(text.match(/[\p{L}\p{N}\p{M}]+/gu) ?? []);
    }),
  );
});

test('a word is found from each of its characters', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary', maxLength: 40 }), (text) => {
      const found = new Set<string>();
      for (let index = 0; index < text.length; index += (text.codePointAt(index) ?? 0) > 0xffff ? 2 : 1) {
        const word = wordAt(text, index);
        if (word) found.add(`${word.start}:${text.slice(word.start, word.end)}`);
      }
      const words = text.matchAll(/[\p{L}\p{N}\p{M}]+/gu);
      expect([...found]).toEqual([...words].map((match) => `${match.index}:${match[0]}`));
    }),
  );
});
