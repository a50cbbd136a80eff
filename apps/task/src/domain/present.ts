import { TaskError, taskNotFound } from '../errors.ts';
import type { NoteStore } from '../store/notes.ts';
import type { TaskStore } from '../store/tasks.ts';
import type { Transactions } from '../store/transaction.ts';
import type { Operation } from './change/plan.ts';
import type { Author } from './change/task-events.ts';
import { fromFiles, type NoteFiles, type NoteText } from './notes/note-files.ts';
import type { NoteSync } from './notes/note-sync.ts';
import type { StoredTask } from './stored-task.ts';

/** Who changed what is found changed before its event has come. */
const somebody: Author = { actor: 'watcher', client: null, requestId: null };

export interface PresentOptions {
  database: Transactions;
  tasks: TaskStore;
  notes: NoteStore;
  files: NoteFiles;
  sync: NoteSync;
  onChanged(): void;
}

export const byId = (tasks: readonly StoredTask[]) => new Map(tasks.map((task) => [task.id, task]));

/** The notes that operations concern. */
export function pathsIn(operations: readonly Operation[], stored: ReadonlyMap<string, StoredTask>): string[] {
  const paths = operations.map((each) =>
    each.op === 'create' ? each.source?.path : stored.get(each.id)?.source?.path,
  );
  return [...new Set(paths.filter((path) => path !== undefined))].sort();
}

/** Tasks and notes as they are now, whatever has been told of them so far. */
export function createPresent({ database, tasks, notes, files, sync, onChanged }: PresentOptions) {
  async function readNotes(paths: readonly string[]): Promise<NoteText[]> {
    if (paths.length === 0) return [];
    const texts = await files.read(paths).catch((error: unknown) => {
      throw fromFiles(error);
    });
    const seen = await notes.seen(paths);
    const fresh = texts.filter(({ path, sequence }) => sequence > (seen.get(path)?.sequence ?? -1));
    if (fresh.length > 0) {
      await database.transaction(({ sql }) => sync.apply(sql, fresh, { authorOf: () => somebody }));
      onChanged();
    }
    return texts;
  }

  async function findLive(ids: readonly string[]): Promise<Map<string, StoredTask>> {
    return byId((await tasks.find(database.read, ids)).filter(({ state }) => state === 'live'));
  }

  async function loadCurrentState(operations: readonly Operation[], isFirst: boolean) {
    const ids = operations.flatMap((each) => (each.op === 'create' ? [] : [each.id]));
    const known = await findLive(ids);
    const missing = ids.find((id) => !known.has(id));
    if (missing !== undefined && isFirst) throw taskNotFound(missing);
    const paths = pathsIn(operations, known);
    const texts = await readNotes(paths);
    const stored = byId([...(await findLive(ids)).values(), ...(await tasks.ofNotes(database.read, paths))]);
    const gone = ids.find((id) => !stored.has(id));
    if (gone !== undefined) {
      throw new TaskError(
        'task-conflict',
        `the line of task ${gone} was taken out of its note meanwhile; nothing was changed`,
      );
    }
    return { stored, texts };
  }

  return {
    /** Reads notes and makes the tasks those of what was read. */
    readNotes,

    /**
     * All that operations are planned for.
     *
     * @param isFirst whether it was not looked at before for them
     * @throws TaskError `task-not-found`, `task-conflict` when a task's line is gone
     */
    loadCurrentState,
  };
}

export type Present = ReturnType<typeof createPresent>;
