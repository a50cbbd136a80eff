import type { Statuses } from '@weave-nn/service';

export type TaskErrorCode =
  | 'task-not-found'
  | 'project-not-found'
  | 'project-exists'
  | 'project-has-tasks'
  | 'precondition-failed'
  | 'status-move-illegal'
  | 'task-conflict'
  | 'task-has-children'
  | 'recurrence-impossible'
  | 'recurrence-invalid'
  | 'title-invalid'
  | 'tag-invalid'
  | 'status-contradicts'
  | 'operations-overlap'
  | 'heading-not-found'
  | 'not-a-note'
  | 'path-hidden'
  | 'path-outside-vault'
  | 'path-is-symlink'
  | 'path-refused'
  | 'note-not-utf8'
  | 'note-refused'
  | 'task-unwritable'
  | 'note-busy'
  | 'file-service-unavailable'
  | 'cursor-invalid'
  | 'idempotency-key-reused'
  | 'idempotency-key-invalid';

/** What the task service refuses or cannot do, with a stable code and a sentence to act on. */
export class TaskError extends Error {
  readonly code: TaskErrorCode;

  constructor(code: TaskErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'TaskError';
    this.code = code;
  }
}

/** How each code is answered, those of libs/vault included. */
export const statuses: Statuses = {
  'path-outside-vault': 400,
  'path-invalid': 400,
  'path-hidden': 400,
  'path-is-symlink': 400,
  'path-refused': 400,
  'not-a-note': 400,
  'title-invalid': 400,
  'tag-invalid': 400,
  'recurrence-invalid': 400,
  'status-contradicts': 400,
  'operations-overlap': 400,
  'cursor-invalid': 400,
  'idempotency-key-invalid': 400,
  'task-not-found': 404,
  'project-not-found': 404,
  'heading-not-found': 404,
  'project-exists': 409,
  'project-has-tasks': 409,
  'status-move-illegal': 409,
  'task-conflict': 409,
  'task-has-children': 409,
  'note-busy': 409,
  'note-refused': 409,
  'precondition-failed': 412,
  'recurrence-impossible': 422,
  'task-unwritable': 422,
  'note-not-utf8': 422,
  'idempotency-key-reused': 422,
  'file-service-unavailable': 503,
};

export function taskNotFound(id: string): TaskError {
  return new TaskError('task-not-found', `there is no task ${id}`);
}
