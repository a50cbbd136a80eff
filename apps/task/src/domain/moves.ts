import { isConflictName } from '@weave-nn/vault';
import type { TaskStore } from '../store/tasks.ts';
import type { Transaction } from '../store/transaction.ts';
import type { FoundTask } from './note-sync.ts';
import type { StoredTask } from './stored-task.ts';

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

/** Takes out of a list the first that fits. */
function takeFirst<Item>(items: Item[], fits: (item: Item) => boolean): Item | undefined {
  const index = items.findIndex(fits);
  return index < 0 ? undefined : items.splice(index, 1)[0];
}

function byTextKey(tasks: readonly StoredTask[]): Map<string, StoredTask[]> {
  return Map.groupBy(tasks, ({ source }) => source?.textKey ?? '');
}

/** Takes of those that may be the task the one with the same line, else one with the same description. */
function take(candidates: Map<string, StoredTask[]>, { raw, textKey, path }: FoundTask): StoredTask | undefined {
  const same = candidates.get(textKey);
  if (!same) return undefined;
  return (
    takeFirst(same, ({ source, state }) => state === 'expected' && source?.path === path) ??
    takeFirst(same, ({ source, state }) => state !== 'expected' && source?.raw === raw) ??
    takeFirst(same, ({ state }) => state !== 'expected')
  );
}

/** Finds out which of the lines that are gone from one note have come to another, and which have come back. */
export async function moveBetweenNotes(
  sql: Transaction,
  tasks: TaskStore,
  { pairs, lost, added }: Unmatched,
  now: number,
): Promise<Moved> {
  const result: Moved = { pairs: [...pairs], missing: [], copied: [], added: [] };
  if (added.length === 0 && lost.length === 0) return result;
  const leaving = byTextKey(lost);
  const textKeys = [...new Set(added.map(({ textKey }) => textKey))];
  const absent = byTextKey(textKeys.length === 0 ? [] : await tasks.absent(sql, textKeys, now - REMEMBERED));
  const taken = new Set(pairs.map(([stored]) => stored.id));
  for (const list of absent.values()) {
    for (let index = list.length - 1; index >= 0; index--) if (taken.has(list[index]?.id ?? '')) list.splice(index, 1);
  }
  for (const found of added) {
    const stored = take(leaving, found) ?? take(absent, found);
    if (stored) result.pairs.push([stored, found]);
    else result.added.push(found);
  }
  const left = [...leaving.values()].flat();
  if (left.length === 0) return result;
  const since = new Date(now - COPIED).toISOString();
  const inHand = new Set([...result.pairs.map(([stored]) => stored.id), ...lost.map(({ id }) => id)]);
  const young = byTextKey(
    await tasks.young(
      sql,
      left.flatMap(({ source }) => (source ? [source.textKey] : [])),
      since,
    ),
  );
  for (const stored of left) {
    const others = young.get(stored.source?.textKey ?? '') ?? [];
    const successor = takeFirst(
      others,
      ({ id, source, createdAt }) =>
        !inHand.has(id) &&
        source !== null &&
        source.raw === stored.source?.raw &&
        !isConflictName(source.path) &&
        createdAt > stored.createdAt,
    );
    if (successor) result.copied.push([stored, successor]);
    else result.missing.push(stored);
  }
  return result;
}
