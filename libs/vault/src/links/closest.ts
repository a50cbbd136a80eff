const MAX_COMPARED = 64;

function distance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = (row[j - 1] ?? 0) + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min((row[j] ?? 0) + 1, (next[j - 1] ?? 0) + 1, replaced));
    }
    row = next;
  }
  return row[b.length] ?? 0;
}

/**
 * The texts most like `wanted`.
 *
 * Takes a text, the texts to choose from (the first 500 are looked at) and how many to return; returns them with the
 * closest first, by containment and then by edit distance. Never throws.
 */
export function closest(wanted: string, texts: readonly string[], count: number): string[] {
  const key = wanted.toLowerCase().slice(0, MAX_COMPARED);
  const ranked = [...new Set(texts.slice(0, 500))].map((text) => {
    const other = text.toLowerCase().slice(0, MAX_COMPARED);
    const contains = key !== '' && other !== '' && (other.includes(key) || key.includes(other));
    return { text, score: distance(key, other) - (contains ? MAX_COMPARED : 0) };
  });
  ranked.sort((a, b) => a.score - b.score);
  return ranked.slice(0, count).map(({ text }) => text);
}
