import type { Recognisable } from './match.ts';

/** The lines that are left when each known task has one: that with the same text, else the first. */
function withoutKnown<Found extends Recognisable>(known: readonly Recognisable[], lines: readonly Found[]): Found[] {
  const byText = Map.groupBy(lines, ({ raw }) => raw);
  const used = new Map<string, number>();
  const accounted = new Set<Found>();
  let others = 0;
  for (const { raw } of known) {
    const index = used.get(raw) ?? 0;
    const line = byText.get(raw)?.[index];
    if (line) accounted.add(line);
    else others++;
    used.set(raw, index + 1);
  }
  return lines.filter((line) => !accounted.has(line)).slice(others);
}

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
  if (expected.length === 0) return pairs;
  const knownByTitle = Map.groupBy(known, (each) => each.title);
  const foundByTitle = Map.groupBy(found, (each) => each.title);
  for (const [title, ones] of Map.groupBy(expected, (each) => each.title)) {
    const lines = withoutKnown(knownByTitle.get(title) ?? [], foundByTitle.get(title) ?? []);
    for (const [index, one] of ones.entries()) {
      const line = lines[index];
      if (line) pairs.push([one, line]);
    }
  }
  return pairs;
}
