import fc from 'fast-check';
import { expect, test } from 'vitest';
import { eachWord } from '../src/domain/words.ts';

function wordsOf(text: string, most = Number.POSITIVE_INFINITY): string[] {
  const words: string[] = [];
  eachWord(text, (start, end) => words.push(text.slice(start, end)) < most);
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

test('no more words are looked for than are wanted', () => {
  expect(wordsOf('one two three', 2)).toEqual(['one', 'two']);
});
