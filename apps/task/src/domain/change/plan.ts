import type { CreateTaskRequest } from '@weave-nn/clients';
import { type NoteTask, nextDates } from '@weave-nn/vault/tasks';
import { TaskError } from '../../errors.ts';
import { type Edit, type NoteEdits, writeNote } from '../notes/note-writes.ts';
import { assertNoChildren, changedLines, neverAgain, newLine } from '../notes/task-lines.ts';
import { etagOf, type StoredTask, sourceOf } from '../stored-task.ts';
import type { Plan, PlanSources } from './planned-changes.ts';
import { blankTask, changeTask, saysSame, type TaskChange, withTitleTags } from './task-change.ts';

/** What a request asks for, one task at a time. */
export type Operation =
  | { op: 'create'; id: string; change: TaskChange; source: CreateTaskRequest['source'] }
  | { op: 'update'; id: string; change: TaskChange; ifMatch?: string | undefined }
  | { op: 'delete'; id: string; ifMatch?: string | undefined };

/** Thrown when a note is not what its tasks are known from any more; then it is looked at again. */
export class NoteMoved extends Error {}

function assertMatches(task: StoredTask, ifMatch: string | undefined): void {
  if (ifMatch === undefined || ifMatch === '*') return;
  const etag = etagOf(task);
  if (ifMatch.split(',').some((tag) => tag.trim() === etag)) return;
  throw new TaskError('precondition-failed', `task ${task.id} is not what If-Match says; its ETag is ${etag}`);
}

/** What of a change is kept in the row alone. */
function patchOf({ projectId, assignee, watchers }: TaskChange): TaskChange {
  return {
    ...(projectId === undefined ? {} : { projectId }),
    ...(assignee === undefined ? {} : { assignee }),
    ...(watchers === undefined ? {} : { watchers }),
  };
}

/** The task that follows one without a note that recurs and is done. */
function followingRow(done: StoredTask, { uuid, now, today }: PlanSources): StoredTask | undefined {
  if (done.recurrence === null) return undefined;
  const dates = nextDates(done.recurrence, done, today);
  if (!dates) throw neverAgain(done);
  const { id, state, stateAt, createdAt, updatedAt, completedAt, revision, comments, warnings } = blankTask(
    uuid(),
    now,
  );
  return {
    ...done,
    ...{ id, state, stateAt, createdAt, updatedAt, completedAt, revision, comments, warnings },
    ...dates,
    status: 'todo',
    doneDate: null,
    cancelledDate: null,
    externalId: null,
    dependsOn: [],
    createdDate: done.createdDate === null ? null : today,
    dueTold: null,
    overdueTold: null,
  };
}

/**
 * Works out what operations would do, all together, without doing it.
 *
 * @throws NoteMoved, and TaskError for what is refused
 */
export function makePlan(operations: readonly Operation[], sources: PlanSources): Plan {
  const { stored, notes, today } = sources;
  const plan: Plan = { rows: [], notes: [], pins: [], expected: [], patches: new Map(), deleted: new Map() };
  const edited = new Map<string, NoteEdits>();

  function editsOf(path: string): NoteEdits {
    const known = edited.get(path);
    if (known) return known;
    const note = notes.get(path);
    if (!note) throw new NoteMoved();
    if (note.refusal !== null) {
      throw new TaskError('note-not-utf8', `${path} cannot be written without loss: ${note.refusal}`);
    }
    const byLine = new Map(note.tasks.map((task) => [task.line, task]));
    const edits: NoteEdits = { note, byLine, edits: new Map(), added: [], gone: [] };
    edited.set(path, edits);
    return edits;
  }

  function taskOf(id: string): StoredTask {
    const task = stored.get(id);
    if (!task) throw new TaskError('task-not-found', `there is no task ${id}`);
    return task;
  }

  function lineOf({ byLine }: NoteEdits, { source }: StoredTask): NoteTask {
    const line = source ? byLine.get(source.line) : undefined;
    if (!line || !source || sourceOf(source.path, line).raw !== source.raw) throw new NoteMoved();
    return line;
  }

  function update({ id, change, ifMatch }: Extract<Operation, { op: 'update' }>) {
    const before = taskOf(id);
    assertMatches(before, ifMatch);
    const { source } = before;
    if (source === null) {
      const after = changeTask(before, change, today);
      const isDone = after.status === 'done' && before.status !== 'done';
      plan.rows.push({ before, after, change });
      if (isDone && after.onCompletion === 'delete') {
        plan.rows.push({ before: after, after: { ...after, state: 'deleted' }, change: undefined });
      }
      const next = isDone ? followingRow(after, sources) : undefined;
      if (next) plan.rows.push({ before: undefined, after: next, change: undefined });
      return;
    }
    const after = withTitleTags(changeTask(before, change, today));
    plan.patches.set(id, patchOf(change));
    if (saysSame(before, after)) return;
    const edits = editsOf(source.path);
    const { lines, own, next } = changedLines(lineOf(edits, before), before, after, today);
    const ids: Edit['ids'] = new Map();
    if (own !== undefined) ids.set(own, { id, after });
    else {
      assertNoChildren(edits.note.content ?? '', before);
      leave(id, after, edits);
    }
    if (next !== undefined) ids.set(next, { id: expect(source.path, before), after: undefined });
    edits.edits.set(source.line, { lines, ids });
  }

  /** A task whose line goes. */
  function leave(id: string, last: StoredTask, { gone }: NoteEdits) {
    gone.push(id);
    plan.deleted.set(id, last);
  }

  /** A task that is to come, with what its predecessor has beside its line. */
  function expect(path: string, { projectId, assignee, watchers }: StoredTask): string {
    const task = {
      ...blankTask(sources.uuid(), sources.now),
      projectId,
      assignee,
      watchers,
      state: 'expected' as const,
    };
    plan.expected.push({ ...task, source: { path, line: 0, heading: null, raw: '', textKey: '' } });
    return task.id;
  }

  function remove({ id, ifMatch }: Extract<Operation, { op: 'delete' }>) {
    const before = taskOf(id);
    assertMatches(before, ifMatch);
    if (before.source === null) {
      plan.rows.push({ before, after: { ...before, state: 'deleted' }, change: undefined });
      return;
    }
    const edits = editsOf(before.source.path);
    lineOf(edits, before);
    assertNoChildren(edits.note.content ?? '', before);
    edits.edits.set(before.source.line, { lines: [], ids: new Map() });
    leave(id, before, edits);
  }

  function create({ id, change, source }: Extract<Operation, { op: 'create' }>) {
    const created = blankTask(id, sources.now);
    if (source === undefined) {
      const after = changeTask(created, change, today);
      plan.rows.push({ before: undefined, after, change: undefined });
      return;
    }
    const after = withTitleTags(changeTask(created, change, today));
    const edits = editsOf(source.path);
    edits.added.push({ id, line: newLine(after), heading: source.heading ?? null, after });
    plan.expected.push({
      ...after,
      state: 'expected',
      source: { path: source.path, line: 0, heading: null, raw: '', textKey: '' },
    });
  }

  for (const operation of operations) {
    if (operation.op === 'update') update(operation);
    else if (operation.op === 'delete') remove(operation);
    else create(operation);
  }
  for (const [path, edits] of edited) writeNote(path, edits, plan, sources);
  return plan;
}
