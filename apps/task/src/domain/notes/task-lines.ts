import {
  editTaskText,
  hasChildren,
  type NoteTask,
  nextTaskText,
  parseTaskText,
  printTaskText,
  statusSymbols,
  type TaskText,
  type TaskTextChange,
} from '@weave-nn/vault/tasks';
import { TaskError } from '../../errors.ts';
import { contentNames, noContent, type StoredTask, type TaskContent } from '../stored-task.ts';

/** The change of a line's text that makes one content the other. */
function textChange(before: TaskContent, after: TaskContent): TaskTextChange {
  const change: Record<string, unknown> = {};
  for (const name of contentNames) {
    if (name === 'status' || JSON.stringify(before[name]) === JSON.stringify(after[name])) continue;
    if (name === 'dependsOn') change[name] = after.dependsOn.length > 0 ? after.dependsOn.join(',') : null;
    else change[name] = after[name];
  }
  return change as TaskTextChange;
}

/** The line of a task that is new to its note. */
export function newLine(content: TaskContent): string {
  const text = editTaskText(parseTaskText(''), textChange(noContent, content));
  return `- [${statusSymbols[content.status]}] ${printTaskText(text)}`;
}

function lineOf({ before, after }: NoteTask, symbol: string, text: TaskText): string {
  const words = printTaskText(text);
  return before + symbol + after + (words === '' || /\s$/.test(after) ? '' : ' ') + words;
}

/** What stands in place of a task's line, and which of it is the task itself. */
export interface ChangedLines {
  lines: string[];
  /** Index into `lines`; undefined when the line is gone. */
  own: number | undefined;
  /** Index of the one that follows a recurring task. */
  next: number | undefined;
}

/**
 * The lines of a task after a change. One that recurs and is done gets the next one above it, and one that says
 * `🏁 delete` goes when it is done, as the Obsidian Tasks documentation says.
 *
 * @throws TaskError `recurrence-impossible`
 */
export function changedLines(line: NoteTask, before: StoredTask, after: StoredTask, today: string): ChangedLines {
  const text = editTaskText(line.text, textChange(before, after));
  const symbol = before.status === after.status ? line.status : statusSymbols[after.status];
  const own = lineOf(line, symbol, text);
  const isDone = after.status === 'done' && before.status !== 'done';
  if (!isDone) return { lines: [own], own: 0, next: undefined };
  const next = nextTaskText(text, today);
  if ('none' in next && next.none === 'never-again') throw neverAgain(after);
  const above = 'text' in next ? [lineOf(line, statusSymbols.todo, next.text)] : [];
  const below = after.onCompletion === 'delete' ? [] : [own];
  return {
    lines: [...above, ...below],
    own: below.length > 0 ? above.length : undefined,
    next: above.length > 0 ? 0 : undefined,
  };
}

/** The error of a recurring task that has no next date. */
export function neverAgain({ recurrence, id }: Pick<StoredTask, 'recurrence' | 'id'>): TaskError {
  return new TaskError(
    'recurrence-impossible',
    `task ${id} cannot be completed: "${recurrence}" names no date after this one; change or remove its recurrence first`,
  );
}

/** @throws TaskError `task-has-children` when taking the line away would leave lines that belong to it */
export function assertNoChildren(content: string, { id, source }: StoredTask): void {
  if (!source || !hasChildren(content, source.line)) return;
  throw new TaskError(
    'task-has-children',
    `the line of task ${id} in ${source.path} has lines below that belong to it; move or delete them first`,
  );
}
