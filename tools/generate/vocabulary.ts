import { createRandom, createZipf, type Random } from './random.ts';

const WORDS = 30_000;
const STREAM = 1_000_001;
const onsets = 'b c d f g h k l m n p r s t v z br ch cl dr fl gr pl pr sh st th tr'.split(' ');
const vowels = 'a e i o u ai ea io ou'.split(' ');
const codas = ['', '', '', 'n', 'r', 's', 'l', 't', 'm', 'nd', 'st'];
const accents: Readonly<Record<string, string>> = { a: 'á', e: 'é', i: 'ï', o: 'ö', u: 'ü', c: 'ç', n: 'ñ' };
const ACCENTED = 0.04;

/** Made-up words, and how often each is met. */
export interface Vocabulary {
  /** Every word once, the most common first. */
  words: readonly string[];
  /** A word, common ones more often. */
  word(random: Random): string;
}

function makeWord(random: Random, syllables: number): string {
  let word = '';
  for (let count = 0; count < syllables; count++) word += random.pick(onsets) + random.pick(vowels);
  word += random.pick(codas);
  if (!random.chance(ACCENTED)) return word;
  return word.replace(/[aeioucn]/, (letter) => accents[letter] ?? letter);
}

/** Thirty thousand pronounceable words. Common ones are short, as in every language. */
export function createVocabulary(seed: number): Vocabulary {
  const random = createRandom(seed, STREAM);
  const known = new Set<string>();
  while (known.size < WORDS) {
    const syllables = known.size < 150 ? 1 : known.size < 5_000 ? 2 : random.integer(2, 4);
    known.add(makeWord(random, syllables));
  }
  const words = [...known];
  const rank = createZipf(WORDS, 1.05);
  return { words, word: (source) => words[rank(source)] ?? '' };
}
