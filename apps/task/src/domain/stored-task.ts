import { hash } from 'node:crypto';
import type { TaskStatus } from '@weave-nn/clients';
import {
  type NoteTask,
  printTaskText,
  type TaskCompletion,
  type TaskDateName,
  type TaskPriority,
  type TaskStatusType,
} from '@weave-nn/vault/tasks';
import { storable } from './storable.ts';

/**
 * `live`: there. `missing`: its line is gone, and may come back elsewhere. `deleted`: gone, and told so. `expected`: its
 * line is being written into a note.
 */
export type TaskState = 'live' | 'missing' | 'deleted' | 'expected';

/** Where a task lives in a note, and what was read there. */
export interface StoredSource {
  path: string;
  line: number;
  heading: string | null;
  /** Its checkbox and text, by which its line is known. */
  raw: string;
  textKey: string;
}

/** What the line of a task in a note says; of a task without a note its row says it. */
export interface TaskContent extends Record<TaskDateName, string | null> {
  title: string;
  status: TaskStatus;
  priority: TaskPriority | null;
  recurrence: string | null;
  onCompletion: TaskCompletion | null;
  dependsOn: string[];
  externalId: string | null;
  tags: string[];
}

/** What a task says before anything is said of it. */
export const noContent: TaskContent = {
  title: '',
  status: 'todo',
  priority: null,
  dueDate: null,
  scheduledDate: null,
  startDate: null,
  doneDate: null,
  cancelledDate: null,
  createdDate: null,
  recurrence: null,
  onCompletion: null,
  dependsOn: [],
  externalId: null,
  tags: [],
};

/** A task as it is kept. */
export interface StoredTask extends TaskContent {
  id: string;
  state: TaskState;
  /** Since when, in milliseconds since 1970. */
  stateAt: number;
  projectId: string | null;
  assignee: string | null;
  watchers: string[];
  comments: number;
  warnings: string[];
  createdAt: string;
  updatedAt: string;
  completedAt: string | null;
  source: StoredSource | null;
  /** Counts the changes of what it says, for its ETag. */
  revision: number;
  /** The due date of which it was told that it comes, and that it is past. */
  dueTold: string | null;
  overdueTold: string | null;
}

/** The names of what a change can be of. */
export const contentNames = [
  'title',
  'status',
  'priority',
  'dueDate',
  'scheduledDate',
  'startDate',
  'doneDate',
  'cancelledDate',
  'createdDate',
  'recurrence',
  'onCompletion',
  'dependsOn',
  'externalId',
  'tags',
] as const satisfies readonly (keyof TaskContent)[];

/** The ETag of a task. */
export function etagOf({ revision }: StoredTask): string {
  return `"${revision}"`;
}

const statusOfType: Readonly<Record<TaskStatusType, TaskStatus>> = {
  todo: 'todo',
  in_progress: 'in_progress',
  on_hold: 'todo',
  done: 'done',
  cancelled: 'cancelled',
  non_task: 'todo',
};

/** What the line of a task says. */
export function contentOf({ type, meaning }: NoteTask): TaskContent {
  return {
    title: storable(meaning.title),
    status: statusOfType[type],
    priority: meaning.priority,
    dueDate: meaning.dueDate,
    scheduledDate: meaning.scheduledDate,
    startDate: meaning.startDate,
    doneDate: meaning.doneDate,
    cancelledDate: meaning.cancelledDate,
    createdDate: meaning.createdDate,
    recurrence: meaning.recurrence,
    onCompletion: meaning.onCompletion,
    dependsOn: meaning.dependsOn,
    externalId: meaning.externalId,
    tags: meaning.tags.map(storable),
  };
}

/** What tells a description from another, with regard to its tags and not to their order. */
function keyOfText({ title, tags }: Pick<TaskContent, 'title' | 'tags'>): string {
  return hash('sha256', [title.toLowerCase(), ...tags.map((tag) => tag.toLowerCase()).sort()].join('\n')).slice(0, 32);
}

/** Where a task of a note is, and by what its line is known. */
export function sourceOf(path: string, task: NoteTask): StoredSource {
  const raw = storable(`[${task.status}] ${printTaskText(task.text).trim()}`);
  const { title, tags } = contentOf(task);
  return {
    path,
    line: task.line,
    heading: task.heading === null ? null : storable(task.heading),
    raw,
    textKey: keyOfText({ title, tags }),
  };
}
