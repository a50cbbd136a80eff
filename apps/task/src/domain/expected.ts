import type { Recognisable } from './match.ts';

/**
 * Finds the lines that a request has written of which nobody has seen the content as it was written, since others have
 * written there at once: those that say what is expected in the note and that no known task of the note accounts for.
 */
export function findExpected<Known extends Recognisable, Found extends Recognisable>(
  expected: readonly Known[],
  known: readonly Known[],
  found: readonly Found[],
): [Known, Found][] {
  const pairs: [Known, Found][] = [];
  for (const [title, ones] of Map.groupBy(expected, (each) => each.title)) {
    const lines = found.filter((each) => each.title === title);
    for (const { raw } of known.filter((each) => each.title === title)) {
      const same = lines.findIndex((each) => each.raw === raw);
      lines.splice(Math.max(0, same), 1);
    }
    for (const [index, one] of ones.entries()) {
      const line = lines[index];
      if (line) pairs.push([one, line]);
    }
  }
  return pairs;
}
