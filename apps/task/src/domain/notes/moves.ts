import { isConflictName } from '@weave-nn/vault';
import type { TaskStore } from '../../store/tasks.ts';
import type { Statements } from '../../store/transaction.ts';
import type { StoredTask } from '../stored-task.ts';
import { createCandidates } from './candidates.ts';
import type { FoundTask } from './found-task.ts';

/** A line that was cut in one note may be put into another for so long and be the same task. */
export const REMEMBERED = 10 * 60_000;
/**
 * A line that was put into another note and only then cut in the first is the same task when both happen within this;
 * a note that keeps what lost against another text was not put there by anybody.
 */
const COPIED = 60_000;

interface Unmatched {
  pairs: [StoredTask, FoundTask][];
  lost: StoredTask[];
  added: FoundTask[];
}

export interface Moved {
  pairs: [StoredTask, FoundTask][];
  /** Tasks whose line is nowhere. */
  missing: StoredTask[];
  /** Tasks whose line was copied before it was cut, each with the task that was taken for a new one. */
  copied: [StoredTask, StoredTask][];
  added: FoundTask[];
}

/** Of copies of a line the one that was made last: a copy is younger than what it was copied from. */
function youngestByLine(tasks: readonly StoredTask[]): Map<string, StoredTask[]> {
  const sorted = tasks.toSorted((one, other) => (one.createdAt < other.createdAt ? -1 : 1));
  return Map.groupBy(sorted, lineKeyOf);
}

const lineKeyOf = ({ source }: StoredTask) => `${source?.textKey ?? ''}\n${source?.raw ?? ''}`;

/** Finds out which of the lines that are gone from one note have come to another, and which have come back. */
export async function moveBetweenNotes(
  sql: Statements,
  tasks: TaskStore,
  { pairs, lost, added }: Unmatched,
  now: number,
): Promise<Moved> {
  const result: Moved = { pairs: [...pairs], missing: [], copied: [], added: [] };
  if (added.length === 0 && lost.length === 0) return result;
  const leaving = createCandidates(lost);
  const textKeys = [...new Set(added.map(({ textKey }) => textKey))];
  const paired = new Set(pairs.map(([stored]) => stored.id));
  const found = textKeys.length === 0 ? [] : await tasks.absent(sql, textKeys, now - REMEMBERED);
  const absent = createCandidates(found.filter(({ id }) => !paired.has(id)));
  for (const each of added) {
    const stored = leaving.take(each) ?? absent.take(each);
    if (stored) result.pairs.push([stored, each]);
    else result.added.push(each);
  }
  const left = leaving.left();
  if (left.length === 0) return result;
  const since = new Date(now - COPIED).toISOString();
  const inHand = new Set([...result.pairs.map(([stored]) => stored.id), ...lost.map(({ id }) => id)]);
  const young = await tasks.young(sql, [...new Set(left.flatMap(({ source }) => source?.textKey ?? []))], since);
  const copies = youngestByLine(
    young.filter(({ id, source }) => source !== null && !inHand.has(id) && !isConflictName(source.path)),
  );
  for (const stored of left) {
    const others = copies.get(lineKeyOf(stored));
    const successor = others?.at(-1);
    if (successor && successor.createdAt > stored.createdAt) {
      result.copied.push([stored, successor]);
      others?.pop();
    } else result.missing.push(stored);
  }
  return result;
}
