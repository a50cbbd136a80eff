import type { TaskStatus } from '@weave-nn/clients';
import { type TaskCompletion, type TaskPriority, taskPriorities } from '@weave-nn/vault/tasks';
import type { StoredTask, TaskState } from '../domain/stored-task.ts';

/** A task as its table has it. */
export interface TaskRow {
  id: string;
  state: TaskState;
  state_at: number;
  project_id: string | null;
  title: string;
  title_key: string;
  status: TaskStatus;
  completed: number;
  priority: number;
  due_date: string | null;
  due_key: string;
  scheduled_date: string | null;
  start_date: string | null;
  done_date: string | null;
  cancelled_date: string | null;
  created_date: string | null;
  recurrence: string | null;
  on_completion: TaskCompletion | null;
  depends_on: string;
  external_id: string | null;
  tags: string;
  assignee: string | null;
  watchers: string;
  comments: number;
  warnings: string;
  created_at: string;
  updated_at: string;
  completed_at: string | null;
  path: string | null;
  line: number | null;
  heading: string | null;
  raw: string | null;
  text_key: string | null;
  revision: number;
  due_told: string | null;
  overdue_told: string | null;
}

/** The columns and their types, in the order in which they are written. */
export const taskColumns = {
  id: 'TEXT',
  state: 'TEXT',
  state_at: 'BIGINT',
  project_id: 'TEXT',
  title: 'TEXT',
  title_key: 'TEXT',
  status: 'TEXT',
  completed: 'INTEGER',
  priority: 'INTEGER',
  due_date: 'TEXT',
  due_key: 'TEXT',
  scheduled_date: 'TEXT',
  start_date: 'TEXT',
  done_date: 'TEXT',
  cancelled_date: 'TEXT',
  created_date: 'TEXT',
  recurrence: 'TEXT',
  on_completion: 'TEXT',
  depends_on: 'TEXT',
  external_id: 'TEXT',
  tags: 'TEXT',
  assignee: 'TEXT',
  watchers: 'TEXT',
  comments: 'INTEGER',
  warnings: 'TEXT',
  created_at: 'TEXT',
  updated_at: 'TEXT',
  completed_at: 'TEXT',
  path: 'TEXT',
  line: 'INTEGER',
  heading: 'TEXT',
  raw: 'TEXT',
  text_key: 'TEXT',
  revision: 'BIGINT',
  due_told: 'TEXT',
  overdue_told: 'TEXT',
} as const satisfies Record<keyof TaskRow, 'TEXT' | 'INTEGER' | 'BIGINT'>;

/** Tasks without a due date come after those that have one. */
const NO_DUE_DATE = '9999-99-99';
/** A task without a priority is between medium and low, as the Obsidian Tasks plugin sorts it. */
const NORMAL = 3;
const rankOf: Readonly<Record<TaskPriority, number>> = { highest: 0, high: 1, medium: 2, low: 4, lowest: 5 };
/** PostgreSQL's indexes take no more than 2,704 bytes. */
const MAX_TITLE_KEY_LENGTH = 200;

/** The row of a task. */
export function toRow(task: StoredTask): TaskRow {
  const { source } = task;
  return {
    id: task.id,
    state: task.state,
    state_at: task.stateAt,
    project_id: task.projectId,
    title: task.title,
    title_key: task.title.slice(0, MAX_TITLE_KEY_LENGTH).toLowerCase().toWellFormed(),
    status: task.status,
    completed: task.status === 'done' ? 1 : 0,
    priority: task.priority === null ? NORMAL : rankOf[task.priority],
    due_date: task.dueDate,
    due_key: task.dueDate ?? NO_DUE_DATE,
    scheduled_date: task.scheduledDate,
    start_date: task.startDate,
    done_date: task.doneDate,
    cancelled_date: task.cancelledDate,
    created_date: task.createdDate,
    recurrence: task.recurrence,
    on_completion: task.onCompletion,
    depends_on: JSON.stringify(task.dependsOn),
    external_id: task.externalId,
    tags: JSON.stringify(task.tags),
    assignee: task.assignee,
    watchers: JSON.stringify(task.watchers),
    comments: task.comments,
    warnings: JSON.stringify(task.warnings),
    created_at: task.createdAt,
    updated_at: task.updatedAt,
    completed_at: task.completedAt,
    path: source?.path ?? null,
    line: source?.line ?? null,
    heading: source?.heading ?? null,
    raw: source?.raw ?? null,
    text_key: source?.textKey ?? null,
    revision: task.revision,
    due_told: task.dueTold,
    overdue_told: task.overdueTold,
  };
}

/** Reads a task. */
export function toTask(row: TaskRow): StoredTask {
  return {
    id: row.id,
    state: row.state,
    stateAt: row.state_at,
    projectId: row.project_id,
    title: row.title,
    status: row.status,
    priority: taskPriorities.find((name) => rankOf[name] === row.priority) ?? null,
    dueDate: row.due_date,
    scheduledDate: row.scheduled_date,
    startDate: row.start_date,
    doneDate: row.done_date,
    cancelledDate: row.cancelled_date,
    createdDate: row.created_date,
    recurrence: row.recurrence,
    onCompletion: row.on_completion,
    dependsOn: JSON.parse(row.depends_on),
    externalId: row.external_id,
    tags: JSON.parse(row.tags),
    assignee: row.assignee,
    watchers: JSON.parse(row.watchers),
    comments: row.comments,
    warnings: JSON.parse(row.warnings),
    createdAt: row.created_at,
    updatedAt: row.updated_at,
    completedAt: row.completed_at,
    source:
      row.path === null
        ? null
        : {
            path: row.path,
            line: row.line ?? 0,
            heading: row.heading,
            raw: row.raw ?? '',
            textKey: row.text_key ?? '',
          },
    revision: row.revision,
    dueTold: row.due_told,
    overdueTold: row.overdue_told,
  };
}
