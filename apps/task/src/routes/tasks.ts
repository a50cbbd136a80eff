import {
  ChangeTaskRequest,
  CreateCommentRequest,
  CreateTaskRequest,
  ListTasksQuery,
  PageQuery,
  Task,
  TaskBatchRequest,
  TaskBatchResult,
  TaskComment,
  TaskCommentPage,
  type TaskOperation,
  TaskPage,
} from '@weave-nn/clients';
import { Type } from '@weave-nn/config';
import { type App, readJsonBodies } from '@weave-nn/service';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { Changes } from '../domain/change/changes.ts';
import type { Operation } from '../domain/change/plan.ts';
import { readChange, readNewTask } from '../domain/change/task-change.ts';
import type { Comments } from '../domain/comments.ts';
import type { Listing } from '../domain/listing.ts';
import { notePath } from '../domain/notes/note-files.ts';
import { storable } from '../domain/storable.ts';
import type { StoredTask } from '../domain/stored-task.ts';
import { TaskError, taskNotFound } from '../errors.ts';
import { authorOf, header, idempotencyOf } from './request.ts';
import { showTask } from './show-task.ts';

export interface TaskRoutes {
  changes: Changes;
  comments: Comments;
  listing: Listing;
  find(id: string): Promise<StoredTask | undefined>;
  uuid(): string;
}

const DEFAULT_LIMIT = 100;
const tags = ['tasks'];
const params = Type.Object({ id: Type.String() });
const ok = { 200: Task };
const FORMATS = 'Tasks live in notes as Obsidian Tasks writes them, or in no note at all.';

/** `/v1/tasks`. */
export function taskRoutes(app: App, { changes, comments, listing, find, uuid }: TaskRoutes): void {
  // Completing a task needs no body.
  readJsonBodies(app, { types: ['application/merge-patch+json'], mayBeEmpty: true });
  app.get('/v1/tasks', {
    schema: {
      summary: 'List tasks',
      description: FORMATS,
      tags,
      querystring: ListTasksQuery,
      response: { 200: TaskPage },
    },
    async handler({ query }) {
      const { items, nextCursor } = await listing.page(query);
      return { items: items.map(showTask), nextCursor };
    },
  });
  app.post('/v1/tasks', {
    schema: {
      summary: 'Make a task',
      description: 'With `source` it becomes a line of that note.',
      tags,
      body: CreateTaskRequest,
      response: { 201: Task },
    },
    async handler(request, reply) {
      const [task] = await changes.apply([creation(request.body)], authorOf(request), idempotencyOf(request));
      reply.code(201);
      return answer(task, reply);
    },
  });
  app.post('/v1/tasks::batch', {
    schema: {
      summary: 'Do several changes, all or none',
      tags,
      body: TaskBatchRequest,
      response: { 200: TaskBatchResult },
    },
    async handler(request) {
      const operations = request.body.operations.map(toOperation);
      const changed = await changes.apply(operations, authorOf(request), idempotencyOf(request));
      return { tasks: changed.map((task) => (task === null || task.state === 'deleted' ? null : showTask(task))) };
    },
  });
  app.get('/v1/tasks/:id', {
    schema: { summary: 'A task', tags, params, response: ok },
    async handler({ params: { id } }, reply) {
      const task = await find(storable(id));
      if (!task) throw taskNotFound(id);
      return answer(task, reply);
    },
  });
  app.patch('/v1/tasks/:id', {
    schema: {
      summary: 'Change a task',
      description: 'A JSON Merge Patch (RFC 7396). With `If-Match` only if nobody changed it since.',
      tags,
      params,
      body: ChangeTaskRequest,
      response: ok,
    },
    handler: (request, reply) => change(request, reply, request.body),
  });
  app.post('/v1/tasks/:id/complete', {
    schema: { summary: 'Mark a task done; one that recurs gets its next', tags, params, response: ok },
    handler: (request, reply) => change(request, reply, { status: 'done' }),
  });
  app.post('/v1/tasks/:id/reopen', {
    schema: { summary: 'Mark a task to do again', tags, params, response: ok },
    handler: (request, reply) => change(request, reply, { status: 'todo' }),
  });
  app.delete('/v1/tasks/:id', {
    schema: { summary: 'Delete a task, and its line', tags, params, response: { 204: Type.Null() } },
    async handler(request, reply) {
      const id = storable(request.params.id);
      await changes.apply([{ op: 'delete', id, ifMatch: header(request, 'if-match') }], authorOf(request));
      return reply.code(204).send(null);
    },
  });
  app.get('/v1/tasks/:id/comments', {
    schema: {
      summary: 'Comments on a task, the oldest first',
      tags,
      params,
      querystring: Type.Object(PageQuery, { additionalProperties: false }),
      response: { 200: TaskCommentPage },
    },
    handler: ({ params: { id }, query: { cursor, limit = DEFAULT_LIMIT } }) =>
      comments.page(storable(id), cursor, limit),
  });
  app.post('/v1/tasks/:id/comments', {
    schema: {
      summary: 'Comment on a task',
      description: '`@name` mentions somebody.',
      tags,
      params,
      body: CreateCommentRequest,
      response: { 201: TaskComment },
    },
    async handler(request, reply) {
      const id = storable(request.params.id);
      const comment = await comments.add(id, request.body.body, authorOf(request), idempotencyOf(request));
      reply.code(201);
      return comment;
    },
  });

  function creation(request: CreateTaskRequest): Operation {
    const { source } = request;
    return {
      op: 'create',
      id: uuid(),
      change: readNewTask(request),
      source: source && { ...source, path: notePath(source.path) },
    };
  }

  function toOperation(operation: TaskOperation): Operation {
    if (operation.op === 'create') return creation(operation.task);
    const { id, ifMatch } = operation;
    switch (operation.op) {
      case 'update':
        return { op: 'update', id: storable(id), ifMatch, change: readChange(operation.changes) };
      case 'complete':
        return { op: 'update', id: storable(id), ifMatch, change: { status: 'done' } };
      case 'reopen':
        return { op: 'update', id: storable(id), ifMatch, change: { status: 'todo' } };
      default:
        return { op: 'delete', id: storable(id), ifMatch };
    }
  }

  async function change(request: FastifyRequest, reply: FastifyReply, wanted: ChangeTaskRequest) {
    const id = storable((request.params as { id: string }).id);
    const operation: Operation = { op: 'update', id, change: readChange(wanted), ifMatch: header(request, 'if-match') };
    const idempotency = request.method === 'POST' ? idempotencyOf(request) : null;
    const [task] = await changes.apply([operation], authorOf(request), idempotency);
    return answer(task, reply);
  }

  function answer(task: StoredTask | null | undefined, reply: FastifyReply): Task {
    if (!task) throw new TaskError('task-conflict', 'the line of the task was taken out of its note at once');
    const shown = showTask(task);
    reply.header('etag', shown.etag);
    return shown;
  }
}
