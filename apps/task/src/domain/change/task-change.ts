import type { ChangeTaskRequest, CreateTaskRequest, TaskStatus } from '@weave-nn/clients';
import { isFieldValue, parseTaskText, readRecurrence } from '@weave-nn/vault/tasks';
import { TaskError } from '../../errors.ts';
import { storable } from '../storable.ts';
import { contentNames, noContent, type StoredTask, type TaskContent } from '../stored-task.ts';

/** What is to change of a task; what is left out stays. */
export type TaskChange = Partial<TaskContent & Pick<StoredTask, 'projectId' | 'assignee' | 'watchers'>>;

const TAG = /^#[^\s!@#$%^&*(),.?":{}|<>]+$/;

function readTag(given: string): string {
  const tag = given.startsWith('#') ? given : `#${given}`;
  if (TAG.test(tag)) return tag;
  throw new TaskError(
    'tag-invalid',
    `${JSON.stringify(given)} is no tag: it has white space or one of !@#$%^&*(),.?":{}|<>`,
  );
}

function readTitle(given: string): string {
  if (/[\n\r\u2028\u2029]/.test(given))
    throw new TaskError('title-invalid', 'title: a task has one line; leave out line breaks');
  return storable(given.trim());
}

function readStatus({ status, completed }: ChangeTaskRequest): TaskStatus | undefined {
  if (completed === undefined) return status;
  if (status !== undefined && (status === 'done') !== completed) {
    throw new TaskError(
      'status-contradicts',
      `status ${status} and completed ${completed} contradict each other; give one of them`,
    );
  }
  return status ?? (completed ? 'done' : 'todo');
}

function readRule(rule: string): string {
  const text = rule.trim();
  if (isFieldValue('recurrence', text) && readRecurrence(text)) return text;
  throw new TaskError(
    'recurrence-invalid',
    `recurrence: ${JSON.stringify(rule)} is not understood; write it as in "every week on Monday" or "every 2 months when done"`,
  );
}

/**
 * Reads what a request wants changed.
 *
 * @throws TaskError `title-invalid`, `tag-invalid`, `recurrence-invalid`, `status-contradicts`
 */
export function readChange(request: ChangeTaskRequest): TaskChange {
  const { title, tags, recurrence, dependsOn, watchers, completed: _, status: __, ...same } = request;
  const status = readStatus(request);
  return {
    ...same,
    ...(status === undefined ? {} : { status }),
    ...(title === undefined ? {} : { title: readTitle(title) }),
    ...(tags === undefined ? {} : { tags: [...new Set((tags ?? []).map((tag) => storable(readTag(tag))))] }),
    ...(recurrence === undefined ? {} : { recurrence: recurrence === null ? null : readRule(recurrence) }),
    ...(dependsOn === undefined ? {} : { dependsOn: dependsOn ?? [] }),
    ...(watchers === undefined ? {} : { watchers: [...new Set(watchers ?? [])] }),
  };
}

/** A new task that nothing was written of yet. */
export function blankTask(id: string, now: number): StoredTask {
  const time = new Date(now).toISOString();
  return {
    ...noContent,
    id,
    state: 'live',
    stateAt: now,
    projectId: null,
    assignee: null,
    watchers: [],
    comments: 0,
    warnings: [],
    createdAt: time,
    updatedAt: time,
    completedAt: null,
    source: null,
    revision: 0,
    dueTold: null,
    overdueTold: null,
  };
}

/** Reads what a request wants a new task to be; see `readChange`. */
export function readNewTask({ source: _, ...request }: CreateTaskRequest): TaskChange {
  return readChange(request);
}

/** What a task that is done or cancelled can become only by being opened again. */
const moves: Readonly<Record<TaskStatus, readonly TaskStatus[]>> = {
  todo: ['in_progress', 'done', 'cancelled'],
  in_progress: ['todo', 'done', 'cancelled'],
  done: ['todo', 'in_progress'],
  cancelled: ['todo', 'in_progress'],
};

/**
 * A task after a change.
 *
 * @param today the day on which it is done or cancelled, `YYYY-MM-DD`
 * @throws TaskError `status-move-illegal`
 */
export function changeTask(before: StoredTask, change: TaskChange, today: string): StoredTask {
  const { status = before.status } = change;
  const after = { ...before, ...change, status };
  if (status === before.status) return after;
  if (!moves[before.status].includes(status)) {
    throw new TaskError(
      'status-move-illegal',
      `task ${before.id} is ${before.status} and cannot become ${status}; open it again first (status todo)`,
    );
  }
  return {
    ...after,
    doneDate: status === 'done' ? today : null,
    cancelledDate: status === 'cancelled' ? today : null,
  };
}

/** Tags that are written in a title are tags where the task lives in a note. */
export function withTitleTags<Content extends Pick<TaskContent, 'title' | 'tags'>>(content: Content): Content {
  const { head, tail } = parseTaskText(content.title);
  const tags = [...head, ...tail].flatMap((piece) => (piece.kind === 'tag' ? [piece.text] : []));
  if (tags.length === 0) return content;
  const words = head.flatMap((piece) => (piece.kind === 'text' ? [piece.text.trim()] : []));
  const title = words.filter((word) => word !== '').join(' ');
  return { ...content, title, tags: [...new Set([...content.tags, ...tags])] };
}

/** Whether two tasks say the same. */
export function saysSame(one: TaskContent, other: TaskContent): boolean {
  const tagsOf = ({ tags }: TaskContent) => JSON.stringify([...tags].sort());
  return contentNames.every((name) =>
    name === 'tags' ? tagsOf(one) === tagsOf(other) : JSON.stringify(one[name]) === JSON.stringify(other[name]),
  );
}
