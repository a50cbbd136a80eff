import type { NoteTask } from '@weave-nn/vault/tasks';
import type { StoredTask } from '../stored-task.ts';
import type { Recognisable } from './match.ts';

/** A note at one moment, and the tasks in it; without any and with an empty hash when there is no such note. */
export interface NoteState {
  path: string;
  hash: string;
  sequence: number;
  tasks: readonly NoteTask[];
}

/** A task that was found in a note. */
export interface FoundTask extends Recognisable {
  path: string;
  task: NoteTask;
  source: NonNullable<StoredTask['source']>;
}

/** A task that is in its note, as far as it is known. */
export interface KnownTask extends Recognisable {
  stored: StoredTask;
}
