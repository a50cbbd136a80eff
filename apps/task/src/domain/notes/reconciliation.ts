import { startWorker, type Worker, type WorkerContext } from '@weave-nn/background';
import type { FileApi, ManifestItem, Verification } from '@weave-nn/clients';
import { isNote, pairByPath } from '@weave-nn/vault';
import type { NoteStore } from '../../store/notes.ts';
import type { TaskStore } from '../../store/tasks.ts';
import type { Transactions } from '../../store/transaction.ts';
import type { Author } from '../change/task-events.ts';
import { type StoredTask, sourceOf } from '../stored-task.ts';
import type { NoteFiles } from './note-files.ts';
import type { NoteSync } from './note-sync.ts';

const CHUNK = 100;
/** Events keep tasks up to date between comparisons. */
const INTERVAL_MS = 24 * 3_600_000;
const MAX_DISAGREEMENTS = 100;
const author: Author = { actor: 'watcher', client: null, requestId: null };

export interface ReconciliationOptions {
  files: FileApi;
  noteFiles: NoteFiles;
  notes: NoteStore;
  tasks: TaskStore;
  sync: NoteSync;
  database: Transactions;
  workers: WorkerContext;
  onChanged(): void;
}

function chunks<Item>(items: readonly Item[]): Item[][] {
  const parts: Item[][] = [];
  for (let start = 0; start < items.length; start += CHUNK) parts.push(items.slice(start, start + CHUNK));
  return parts;
}

/** Compares the notes that were looked into with those that there are, instead of following events. */
export function createReconciliation(options: ReconciliationOptions) {
  const { files, noteFiles, notes, tasks, sync, database, workers, onChanged } = options;
  let worker: Worker | undefined;
  let isComparing = true;

  async function* presentNotes(): AsyncGenerator<ManifestItem[]> {
    for await (const page of files.manifest()) yield page.filter(({ path }) => isNote(path));
  }

  /** Reads notes that differ, those that are gone last. */
  async function compare(signal: AbortSignal): Promise<void> {
    const differing: string[] = [];
    const gone: string[] = [];
    for await (const { left, right } of pairByPath(presentNotes(), notes.pages())) {
      if (!left) gone.push(right.path);
      else if (left.hash !== right?.hash) differing.push(left.path);
    }
    for (const paths of chunks([...differing, ...gone])) {
      if (signal.aborted) return;
      const states = await noteFiles.read(paths);
      await database.transaction(({ sql }) => sync.apply(sql, states, { authorOf: () => author }));
      onChanged();
    }
  }

  function disagreement(
    path: string,
    known: readonly StoredTask[],
    content: Awaited<ReturnType<NoteFiles['read']>>[number],
  ) {
    const ours = known.map(({ source }) => `${source?.line} ${source?.raw}`);
    const theirs = content.tasks.map((task) => `${task.line} ${sourceOf(path, task).raw}`);
    if (JSON.stringify(ours) === JSON.stringify(theirs)) return [];
    const index = ours.findIndex((line, at) => line !== theirs[at]);
    const at = index < 0 ? ours.length : index;
    return [
      {
        subject: path,
        problem: `the note has ${JSON.stringify(theirs[at] ?? 'no further task')}, the tasks ${JSON.stringify(ours[at] ?? 'no further one')}`,
      },
    ];
  }

  return {
    /** Whether the first comparison since the start is not done yet. */
    isComparing: () => isComparing,

    /** Compares as soon as the file service answers, and then once a day. */
    start() {
      worker ??= startWorker({
        ...workers,
        name: 'task-reconciliation',
        intervalMs: INTERVAL_MS,
        async run({ signal }) {
          await compare(signal);
          isComparing = false;
        },
      });
    },

    async stop(): Promise<void> {
      await worker?.stop();
    },

    /** Compares every task with the line it lives on. */
    async verify(): Promise<Verification> {
      const disagreements: { subject: string; problem: string }[] = [];
      let checked = 0;
      for await (const { left, right } of pairByPath(presentNotes(), notes.pages())) {
        if (left && !right) disagreements.push({ subject: left.path, problem: 'not looked into for tasks' });
      }
      for await (const page of notes.pages()) {
        const paths = page.map(({ path }) => path);
        checked += paths.length;
        const known = Map.groupBy(await tasks.ofNotes(database.read, paths), ({ source }) => source?.path ?? '');
        for (const note of await noteFiles.read(paths)) {
          disagreements.push(...disagreement(note.path, known.get(note.path) ?? [], note));
        }
      }
      return {
        checks: [{ name: 'notes and tasks', checked, disagreements: disagreements.slice(0, MAX_DISAGREEMENTS) }],
      };
    },
  };
}
