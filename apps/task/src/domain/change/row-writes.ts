import type { StoredTask } from '../stored-task.ts';

/** A row as it is and as it is to be; one that is not there yet has no `before`. */
export interface RowWrite {
  before: StoredTask | undefined;
  after: StoredTask;
}

/**
 * What changes of the fields that notes do not say.
 *
 * @param patches by the task's id
 * @param stored the rows as they are now
 * @returns undefined when a row is there no more, so that there is nothing that could be changed
 */
export function patchedRows(
  patches: ReadonlyMap<string, Partial<StoredTask>>,
  stored: ReadonlyMap<string, StoredTask>,
): RowWrite[] | undefined {
  const writes: RowWrite[] = [];
  for (const [id, patch] of patches) {
    const before = stored.get(id);
    if (!before) return undefined;
    writes.push({ before, after: { ...before, ...patch } });
  }
  return writes;
}

/**
 * How a task ends whose line was taken out of its note.
 *
 * @param last what it was when its line was still there
 * @param before its row as it is now; none when that is forgotten already
 * @param copyOf makes another task of a row
 */
export function endedRows(
  { status, doneDate }: Pick<StoredTask, 'status' | 'doneDate'>,
  before: StoredTask | undefined,
  copyOf: (task: StoredTask) => StoredTask,
): RowWrite[] {
  if (!before) return [];
  const done: StoredTask = { ...before, state: 'live', status, doneDate };
  const gone: StoredTask = { ...done, state: 'deleted' };
  const end =
    before.status === status
      ? [{ before, after: gone }]
      : [
          { before, after: done },
          { before: done, after: gone },
        ];
  // A line that was taken for it since is another task.
  return before.state === 'live' ? [...end, { before: undefined, after: copyOf(before) }] : end;
}
