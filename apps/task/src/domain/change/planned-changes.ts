import type { NoteTask } from '@weave-nn/vault/tasks';
import type { Pin } from '../../store/pins.ts';
import type { NoteState } from '../notes/found-task.ts';
import type { NoteText, NoteWrite } from '../notes/note-files.ts';
import type { StoredTask } from '../stored-task.ts';
import type { TaskChange } from './task-change.ts';

/** What is found to be so before the change. */
export interface PlanSources {
  stored: ReadonlyMap<string, StoredTask>;
  notes: ReadonlyMap<string, NoteText>;
  tasksOf(content: string): NoteTask[];
  uuid(): string;
  now: number;
  today: string;
}

/** A task that lives in no note, before and after. */
export interface RowChange {
  before: StoredTask | undefined;
  after: StoredTask;
  change: TaskChange | undefined;
}

/** A note that is to be written. */
export interface PlannedNote extends NoteWrite {
  hash: string;
  tasks: NoteState['tasks'];
}

/** What a request would change: rows, and notes with what their tasks have beside them. */
export interface Plan {
  rows: RowChange[];
  notes: PlannedNote[];
  pins: Pin[];
  /** Tasks that come to be with the notes. */
  expected: StoredTask[];
  /** Of tasks in notes, what is not written there. */
  patches: Map<string, TaskChange>;
  /** Tasks whose lines go with the notes, and what they were at last. */
  deleted: Map<string, StoredTask>;
}
