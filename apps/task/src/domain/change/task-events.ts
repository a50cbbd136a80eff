import type { EventDraft } from '@weave-nn/events';
import { contentNames, type StoredTask } from '../stored-task.ts';

/** Who makes a change. */
export interface Author {
  actor: string;
  client: string | null;
  requestId: string | null;
}

const namesOfChanges = [...contentNames, 'projectId', 'assignee', 'watchers'] as const;

type Changes = Record<string, { from: unknown; to: unknown }>;

function isSame(one: unknown, other: unknown): boolean {
  return one === other || (typeof one === 'object' && JSON.stringify(one) === JSON.stringify(other));
}

/** What a task says now and did not say before. */
export function changesOf(before: StoredTask, after: StoredTask): Changes {
  const changes: Changes = {};
  for (const name of namesOfChanges) {
    if (!isSame(before[name], after[name])) changes[name] = { from: before[name], to: after[name] };
  }
  return changes;
}

function typeOf(before: StoredTask | undefined, after: StoredTask, changes: Changes) {
  if (after.state === 'deleted') return 'task.deleted';
  if (before === undefined || before.state === 'deleted' || before.state === 'expected') return 'task.created';
  return changes.status && after.status === 'done' ? 'task.completed' : 'task.updated';
}

/**
 * The event of a change, undefined when there is nothing to tell.
 *
 * @param before undefined for a new task
 */
export function eventOf(before: StoredTask | undefined, after: StoredTask, author: Author): EventDraft | undefined {
  const changes = before ? changesOf(before, after) : {};
  if (before && before.source?.path !== after.source?.path) {
    changes.path = { from: before.source?.path ?? null, to: after.source?.path ?? null };
  }
  const type = typeOf(before, after, changes);
  if (type === 'task.updated' && Object.keys(changes).length === 0) return undefined;
  const { id, projectId, title, status, dueDate, tags } = after;
  return {
    type,
    subject: id,
    data: {
      ...author,
      taskId: id,
      projectId,
      title,
      status,
      ...(dueDate === null ? {} : { dueDate }),
      tags,
      completed: status === 'done',
      ...(type === 'task.updated' || type === 'task.completed' ? { changes } : {}),
    },
  };
}
