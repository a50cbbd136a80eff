import { type Static, Type } from '@weave-nn/config';
import { Page, PageQuery } from '../page.ts';

const closed = { additionalProperties: false };

export const taskStatuses = ['todo', 'in_progress', 'done', 'cancelled'] as const;
export type TaskStatus = (typeof taskStatuses)[number];
const priorities = ['highest', 'high', 'medium', 'low', 'lowest'] as const;
export const taskCompletions = ['keep', 'delete'] as const;
export const taskSorts = ['createdAt', 'updatedAt', 'dueDate', 'priority', 'title'] as const;
export type TaskSort = (typeof taskSorts)[number];

const Nullable = <Schema extends Parameters<typeof Type.Union>[0][number]>(schema: Schema, options = {}) =>
  Type.Union([schema, Type.Null()], options);
const Status = Type.Unsafe<TaskStatus>({ type: 'string', enum: taskStatuses });
const Priority = Type.Unsafe<(typeof priorities)[number]>({ type: 'string', enum: priorities });
const Day = Type.String({ format: 'date', description: '`YYYY-MM-DD`' });
const Time = Type.String({ format: 'date-time' });
/** A name that an index can hold. */
const Name = Type.String({ minLength: 1, maxLength: 200, pattern: '^[^\\p{Cc}]+$' });
const Title = Type.String({ minLength: 1, maxLength: 10_000, pattern: '\\S' });
const TagName = Type.String({ minLength: 1, maxLength: 200, description: 'with or without its `#`' });
const Tags = Type.Array(TagName, { maxItems: 100 });
const Watchers = Type.Array(Name, { maxItems: 100 });
const ExternalId = Type.String({ pattern: '^[A-Za-z0-9_-]+$', maxLength: 200 });
const Dependencies = Type.Array(ExternalId, {
  maxItems: 100,
  description: 'the `externalId` of what must be done first',
});
const Rule = Type.String({ minLength: 1, maxLength: 200, description: 'as in `every week on Monday when done`' });

const Completion = Type.Unsafe<(typeof taskCompletions)[number]>({
  type: 'string',
  enum: taskCompletions,
  description: 'what becomes of the task, and of its line, when it is done',
});

/** Where a task lives in a note. */
export const TaskSource = Type.Object({
  path: Type.String(),
  line: Type.Integer({ description: 'from 1' }),
  heading: Nullable(Type.String(), { description: 'the heading it stands under' }),
});

export const Task = Type.Object({
  id: Type.String(),
  projectId: Nullable(Type.String()),
  title: Type.String({ description: 'without fields and tags' }),
  status: Status,
  completed: Type.Boolean({ description: 'whether its status is `done`' }),
  priority: Nullable(Priority),
  dueDate: Nullable(Day),
  scheduledDate: Nullable(Day),
  startDate: Nullable(Day),
  doneDate: Nullable(Day),
  cancelledDate: Nullable(Day),
  createdDate: Nullable(Day),
  recurrence: Nullable(Type.String(), { description: 'as it is written' }),
  onCompletion: Nullable(Completion),
  dependsOn: Type.Array(Type.String()),
  externalId: Nullable(Type.String()),
  tags: Type.Array(Type.String(), { description: 'with their `#`' }),
  assignee: Nullable(Type.String()),
  watchers: Type.Array(Type.String()),
  comments: Type.Integer({ description: 'how many there are' }),
  createdAt: Time,
  updatedAt: Time,
  completedAt: Nullable(Time),
  source: Nullable(TaskSource, { description: 'null for a task that lives in no note' }),
  warnings: Type.Array(Type.String(), { description: 'what is written in the note and cannot be meant' }),
  etag: Type.String({ description: 'for `If-Match`; stays when the line only moves' }),
});
export const TaskPage = Page(Task);

export const ListTasksQuery = Type.Object(
  {
    projectId: Type.Optional(Type.String()),
    status: Type.Optional(
      Type.String({
        description: 'several separated by commas',
        pattern: `^(${taskStatuses.join('|')})(,(${taskStatuses.join('|')}))*$`,
      }),
    ),
    tag: Type.Optional(Type.String({ description: 'also what is below it: `home` finds `#home/garden`' })),
    dueBefore: Type.Optional(Day),
    dueAfter: Type.Optional(Day),
    completed: Type.Optional(Type.Boolean()),
    path: Type.Optional(Type.String({ description: 'of a note, or of a folder for all notes in it' })),
    assignee: Type.Optional(Type.String()),
    sort: Type.Optional(
      Type.String({
        description: 'with a `-` before it from the last to the first',
        pattern: `^-?(${taskSorts.join('|')})$`,
      }),
    ),
    ...PageQuery,
  },
  closed,
);

const given = {
  projectId: Type.Optional(Nullable(Name)),
  priority: Type.Optional(Nullable(Priority)),
  dueDate: Type.Optional(Nullable(Day)),
  scheduledDate: Type.Optional(Nullable(Day)),
  startDate: Type.Optional(Nullable(Day)),
  createdDate: Type.Optional(Nullable(Day)),
  recurrence: Type.Optional(Nullable(Rule)),
  onCompletion: Type.Optional(Nullable(Completion)),
  dependsOn: Type.Optional(Nullable(Dependencies)),
  externalId: Type.Optional(Nullable(ExternalId)),
  tags: Type.Optional(Nullable(Tags)),
  assignee: Type.Optional(Nullable(Name)),
  watchers: Type.Optional(Nullable(Watchers)),
};

export const CreateTaskRequest = Type.Object(
  {
    title: Title,
    status: Type.Optional(Status),
    ...given,
    source: Type.Optional(
      Type.Object(
        {
          path: Type.String({ description: 'the note that gets it as a line; made when it is missing' }),
          heading: Type.Optional(
            Nullable(Type.String({ description: 'the section; the end of the note when left out' })),
          ),
        },
        closed,
      ),
    ),
  },
  closed,
);

/** A JSON Merge Patch (RFC 7396): what is left out stays, null takes away. */
export const ChangeTaskRequest = Type.Object(
  { title: Type.Optional(Title), status: Type.Optional(Status), completed: Type.Optional(Type.Boolean()), ...given },
  closed,
);

const named = { id: Type.String(), ifMatch: Type.Optional(Type.String()) };
export const TaskOperation = Type.Union([
  Type.Object({ op: Type.Literal('create'), task: CreateTaskRequest }, closed),
  Type.Object({ op: Type.Literal('update'), ...named, changes: ChangeTaskRequest }, closed),
  Type.Object({ op: Type.Literal('complete'), ...named }, closed),
  Type.Object({ op: Type.Literal('reopen'), ...named }, closed),
  Type.Object({ op: Type.Literal('delete'), ...named }, closed),
]);
export const TaskBatchRequest = Type.Object(
  { operations: Type.Array(TaskOperation, { minItems: 1, maxItems: 1000 }) },
  closed,
);
/** The tasks in the order of the operations; null for one that was deleted. */
export const TaskBatchResult = Type.Object({ tasks: Type.Array(Nullable(Task)) });

export const TaskComment = Type.Object({
  id: Type.String(),
  taskId: Type.String(),
  author: Type.String(),
  body: Type.String(),
  mentions: Type.Array(Type.String(), { description: 'who is named with an `@`' }),
  createdAt: Time,
});
export const TaskCommentPage = Page(TaskComment);
export const CreateCommentRequest = Type.Object(
  { body: Type.String({ minLength: 1, maxLength: 20_000, pattern: '\\S' }) },
  closed,
);

export const Project = Type.Object({
  id: Type.String(),
  name: Type.String(),
  description: Nullable(Type.String()),
  createdAt: Time,
  updatedAt: Time,
  counts: Type.Object({
    total: Type.Integer(),
    todo: Type.Integer(),
    in_progress: Type.Integer(),
    done: Type.Integer(),
    cancelled: Type.Integer(),
    overdue: Type.Integer({ description: 'open ones whose due date is past' }),
  }),
});
export const ProjectPage = Page(Project);
export const CreateProjectRequest = Type.Object(
  {
    id: Type.Optional(Name),
    name: Name,
    description: Type.Optional(Nullable(Type.String({ maxLength: 10_000 }))),
  },
  closed,
);
export const ChangeProjectRequest = Type.Object(
  { name: Type.Optional(Name), description: Type.Optional(Nullable(Type.String({ maxLength: 10_000 }))) },
  closed,
);

/** How far the task service is. */
export const TaskServiceStatus = Type.Object({
  tasks: Type.Integer(),
  notes: Type.Integer({ description: 'notes that were looked into' }),
  waiting: Type.Integer({ description: 'events not yet applied' }),
  comparing: Type.Boolean({
    description: 'whether the notes that are there are still being compared with those looked into',
  }),
});

export type Task = Static<typeof Task>;
export type TaskPage = Static<typeof TaskPage>;
export type ListTasksQuery = Static<typeof ListTasksQuery>;
export type CreateTaskRequest = Static<typeof CreateTaskRequest>;
export type ChangeTaskRequest = Static<typeof ChangeTaskRequest>;
export type TaskOperation = Static<typeof TaskOperation>;
export type TaskComment = Static<typeof TaskComment>;
export type Project = Static<typeof Project>;
export type TaskServiceStatus = Static<typeof TaskServiceStatus>;
