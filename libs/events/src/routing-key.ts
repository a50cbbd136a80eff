/**
 * Whether a routing key fits a binding's pattern, as AMQP 0-9-1 says of topic exchanges.
 *
 * Takes at most pattern × key steps: only the last `#` passed is ever widened, since an earlier one can only lose by it.
 *
 * @param pattern words with dots between; `*` fits one word, `#` any number of words
 */
export function keyMatches(pattern: string, key: string): boolean {
  if (pattern === '#') return true;
  const wanted = pattern.split('.');
  const words = key.split('.');
  let at = 0;
  let word = 0;
  let afterHash = -1;
  let resumeWord = 0;
  while (word < words.length) {
    if (wanted[at] === '#') {
      afterHash = ++at;
      resumeWord = word;
    } else if (wanted[at] !== undefined && (wanted[at] === '*' || wanted[at] === words[word])) {
      at++;
      word++;
    } else if (afterHash >= 0) {
      at = afterHash;
      word = ++resumeWord;
    } else {
      return false;
    }
  }
  while (wanted[at] === '#') at++;
  return at === wanted.length;
}
