import { Type } from '@weave-nn/config';
import { Provenance } from './provenance.ts';

const TaskChange = Type.Object({
  ...Provenance.properties,
  taskId: Type.String(),
  projectId: Type.Union([Type.String(), Type.Null()]),
  title: Type.String(),
  status: Type.String(),
  dueDate: Type.Optional(Type.String()),
  tags: Type.Array(Type.String()),
  completed: Type.Boolean(),
  changes: Type.Optional(
    Type.Record(Type.String(), Type.Unknown(), { description: 'by name what was changed: `{ from, to }` each' }),
  ),
});

const TaskComment = Type.Object({
  ...Provenance.properties,
  taskId: Type.String(),
  commentId: Type.String(),
  author: Type.String(),
  body: Type.String(),
  mentions: Type.Optional(Type.Array(Type.String(), { description: 'who is named with an @ in it' })),
});

const TaskDue = Type.Object({
  ...Provenance.properties,
  taskId: Type.String(),
  title: Type.String(),
  dueDate: Type.String(),
});

export const taskEvents = {
  'task.created': TaskChange,
  'task.updated': TaskChange,
  'task.completed': TaskChange,
  'task.deleted': TaskChange,
  'task.commented': TaskComment,
  'task.due': TaskDue,
  'task.overdue': TaskDue,
};
