import type { Queue } from './bus.ts';

/** The queues of every service the code has, so that no order of starting loses an event. */
export const topology: readonly Queue[] = [
  { name: 'mcp_sync', exchange: 'events', patterns: ['vault.file.*', 'task.*'] },
  { name: 'task_sync', exchange: 'events', patterns: ['vault.file.*'] },
  { name: 'git_auto_commit', exchange: 'events', patterns: ['vault.file.*'] },
  { name: 'audit', exchange: 'events', patterns: ['#'] },
  { name: 'dlq', exchange: 'dead', patterns: ['#'] },
];

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
