import type { Task } from '@weave-nn/clients';
import { etagOf, type StoredTask } from '../domain/stored-task.ts';

/** A task as it is answered. */
export function showTask(task: StoredTask): Task {
  const { source } = task;
  return {
    id: task.id,
    projectId: task.projectId,
    title: task.title,
    status: task.status,
    completed: task.status === 'done',
    priority: task.priority,
    dueDate: task.dueDate,
    scheduledDate: task.scheduledDate,
    startDate: task.startDate,
    doneDate: task.doneDate,
    cancelledDate: task.cancelledDate,
    createdDate: task.createdDate,
    recurrence: task.recurrence,
    onCompletion: task.onCompletion,
    dependsOn: task.dependsOn,
    externalId: task.externalId,
    tags: task.tags,
    assignee: task.assignee,
    watchers: task.watchers,
    comments: task.comments,
    createdAt: task.createdAt,
    updatedAt: task.updatedAt,
    completedAt: task.completedAt,
    source: source && { path: source.path, line: source.line, heading: source.heading },
    warnings: task.warnings,
    etag: etagOf(task),
  };
}
