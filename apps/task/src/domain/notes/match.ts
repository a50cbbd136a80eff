import type { StoredTask, TaskContent } from '../stored-task.ts';
import { similarity } from './similarity.ts';

/** A task as it is told from others: one that was known, or one that was found. */
export interface Recognisable extends Pick<TaskContent, 'title' | 'externalId'> {
  line: number;
  raw: string;
  /** What it says but for its status and what a status brings with it. */
  fullKey: string;
  textKey: string;
}

export interface Match<Known, Found> {
  pairs: [Known, Found][];
  lost: Known[];
  added: Found[];
}

/** More comparisons of texts are not made for one stretch of a note. */
const MAX_COMPARISONS = 10_000;
const ALIKE = 0.4;

type Content = Pick<
  StoredTask,
  'title' | 'tags' | 'dueDate' | 'scheduledDate' | 'startDate' | 'recurrence' | 'priority' | 'externalId'
>;

/** What a task says but for its status: by it, the one that was done is told from the one that follows it. */
export function fullKeyOf(content: Content): string {
  const { title, tags, dueDate, scheduledDate, startDate, recurrence, priority, externalId } = content;
  return JSON.stringify([title, tags, dueDate, scheduledDate, startDate, recurrence, priority, externalId]);
}

/**
 * Finds out which of a note's tasks are which after the note was changed: by id, by the whole line, by what the line says
 * but for its status, by its description, and at last by where it stands among those that stayed, so that a task
 * keeps its identity when its text is edited or its line moved.
 */
export function matchTasks<Known extends Recognisable, Found extends Recognisable>(
  known: readonly Known[],
  found: readonly Found[],
): Match<Known, Found> {
  const partner = new Map<Known, Found>();
  const taken = new Set<Found>();
  const pair = (one: Known, other: Found) => {
    partner.set(one, other);
    taken.add(other);
  };

  function pairBy(keyOf: (each: Recognisable) => string | null) {
    const waiting = new Map<string, Known[]>();
    for (const each of known) {
      const key = partner.has(each) ? null : keyOf(each);
      if (key === null) continue;
      const others = waiting.get(key);
      if (others) others.push(each);
      else waiting.set(key, [each]);
    }
    const next = new Map<string, number>();
    for (const each of found) {
      const key = taken.has(each) ? null : keyOf(each);
      if (key === null) continue;
      const index = next.get(key) ?? 0;
      const one = waiting.get(key)?.[index];
      if (!one) continue;
      next.set(key, index + 1);
      pair(one, each);
    }
  }

  pairBy(({ externalId, raw }) => (externalId === null ? null : `${externalId}\n${raw}`));
  pairBy(({ externalId }) => externalId);
  pairBy(({ raw }) => raw);
  pairBy(({ fullKey }) => fullKey);
  pairBy(({ textKey }) => textKey);
  for (const [ones, others] of gapsOf(known, found, partner, taken)) {
    for (const [one, other] of pairInGap(ones, others)) pair(one, other);
  }
  // Moved and edited at once.
  const leftOnes = known.filter((each) => !partner.has(each));
  const leftOthers = found.filter((each) => !taken.has(each));
  for (const [one, other] of pairAlike(leftOnes, leftOthers)) pair(one, other);
  return {
    pairs: [...partner],
    lost: known.filter((each) => !partner.has(each)),
    added: found.filter((each) => !taken.has(each)),
  };
}

/** Those that have no partner, by the last one before them that has. */
function gapsOf<Known, Found>(
  known: readonly Known[],
  found: readonly Found[],
  partner: ReadonlyMap<Known, Found>,
  taken: ReadonlySet<Found>,
): [Known[], Found[]][] {
  const gaps = new Map<Found | null, [Known[], Found[]]>();
  const gapAfter = (anchor: Found | null) => {
    const gap = gaps.get(anchor) ?? [[], []];
    gaps.set(anchor, gap);
    return gap;
  };
  let anchor: Found | null = null;
  for (const each of known) {
    const other = partner.get(each);
    if (other) anchor = other;
    else gapAfter(anchor)[0].push(each);
  }
  anchor = null;
  for (const each of found) {
    if (taken.has(each)) anchor = each;
    else gapAfter(anchor)[1].push(each);
  }
  return [...gaps.values()].filter(([ones, others]) => ones.length > 0 && others.length > 0);
}

/** Pairs those that are most alike. */
function pairAlike<Known extends Recognisable, Found extends Recognisable>(
  ones: readonly Known[],
  others: readonly Found[],
): [Known, Found][] {
  if (ones.length * others.length > MAX_COMPARISONS) return [];
  const alike = ones.flatMap((one) =>
    others.map((other) => ({ one, other, like: similarity(one.title, other.title) })),
  );
  alike.sort((a, b) => b.like - a.like);
  const pairs: [Known, Found][] = [];
  const paired = new Set<Known | Found>();
  for (const { one, other, like } of alike) {
    if (like < ALIKE) break;
    if (paired.has(one) || paired.has(other)) continue;
    paired.add(one).add(other);
    pairs.push([one, other]);
  }
  return pairs;
}

function pairInGap<Known extends Recognisable, Found extends Recognisable>(
  ones: readonly Known[],
  others: readonly Found[],
): [Known, Found][] {
  const pairs = ones.length * others.length > 1 ? pairAlike(ones, others) : [];
  const paired = new Set<Known | Found>(pairs.flat());
  const leftOnes = ones.filter((one) => !paired.has(one));
  const leftOthers = others.filter((other) => !paired.has(other));
  // As many as there were at the same place: each was written anew.
  if (leftOnes.length === leftOthers.length) {
    for (const [index, one] of leftOnes.entries()) pairs.push([one, leftOthers[index] as Found]);
  }
  return pairs;
}
