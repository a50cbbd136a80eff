import type { Queue } from './bus.ts';

/** The queues of every service the code has, so that no order of starting loses an event. */
export const topology: readonly Queue[] = [
  { name: 'mcp_sync', exchange: 'events', patterns: ['vault.file.*', 'task.*'] },
  { name: 'audit', exchange: 'events', patterns: ['#'] },
  { name: 'dlq', exchange: 'dead', patterns: ['#'] },
];

/**
 * Whether a routing key fits a binding's pattern, as AMQP 0-9-1 says of topic exchanges.
 *
 * @param pattern words with dots between; `*` fits one word, `#` any number of words
 */
export function keyMatches(pattern: string, key: string): boolean {
  const wanted = pattern.split('.');
  const words = key.split('.');
  const fits = (at: number, word: number): boolean => {
    if (at === wanted.length) return word === words.length;
    if (wanted[at] === '#') return fits(at + 1, word) || (word < words.length && fits(at, word + 1));
    return word < words.length && (wanted[at] === '*' || wanted[at] === words[word]) && fits(at + 1, word + 1);
  };
  return fits(0, 0);
}
