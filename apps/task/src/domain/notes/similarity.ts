const LONGEST = 200;

function pairsOf(text: string): Map<string, number> {
  const counts = new Map<string, number>();
  const short = text.slice(0, LONGEST).toLowerCase();
  for (let at = 0; at + 1 < short.length; at++) {
    const pair = short.slice(at, at + 2);
    counts.set(pair, (counts.get(pair) ?? 0) + 1);
  }
  return counts;
}

function sum(counts: ReadonlyMap<string, number>): number {
  let total = 0;
  for (const count of counts.values()) total += count;
  return total;
}

/** How alike two short texts are, by the pairs of characters they share (Dice's coefficient): from 0 to 1. */
export function similarity(one: string, other: string): number {
  const [pairs, others] = [pairsOf(one), pairsOf(other)];
  const all = sum(pairs) + sum(others);
  if (all === 0) return one === other ? 1 : 0;
  let shared = 0;
  for (const [pair, count] of pairs) shared += Math.min(count, others.get(pair) ?? 0);
  return (2 * shared) / all;
}
