import type { Task } from '@weave-nn/clients';
import { type Api, until } from '@weave-nn/testing';
import { findNoteTasks } from '@weave-nn/vault/tasks';
import type { Tally } from '../../crash/tally.ts';
import { type LoggedEvent, readEventLog } from '../../event-log.ts';
import { type Ledger, linesOf } from '../ledger.ts';
import type { FinalNote } from './notes.ts';

const MAX_TELLING_MS = 30_000;
const statusOf = { todo: 'todo', on_hold: 'todo', in_progress: 'in_progress', done: 'done', cancelled: 'cancelled' };

async function listTasks(api: Api): Promise<Task[]> {
  const tasks: Task[] = [];
  for (let cursor: string | null = ''; cursor !== null; ) {
    const query: string = cursor ? `&cursor=${encodeURIComponent(cursor)}` : '';
    const page: { items: Task[]; nextCursor: string | null } = (await api.call(`/v1/tasks?limit=1000${query}`)).json;
    tasks.push(...page.items);
    cursor = page.nextCursor;
  }
  return tasks;
}

/** The table must have exactly the tasks that the notes have, where they are and as they are. */
function compareTable(tasks: readonly Task[], notes: readonly FinalNote[], tally: Tally): void {
  const written = new Set<string>();
  for (const { path, text } of notes) {
    for (const { line, type, meaning } of findNoteTasks(text)) {
      const status = statusOf[type as keyof typeof statusOf];
      written.add(`${path}:${line} ${status} ${meaning.title} ${meaning.tags.join(' ')}`);
    }
  }
  const stored = new Set<string>();
  for (const { source, status, title, tags } of tasks) {
    const shown = `${source?.path}:${source?.line} ${status} ${title} ${tags.join(' ')}`;
    if (stored.has(shown)) tally.doubled.push(`two tasks are ${shown}`);
    stored.add(shown);
  }
  for (const each of written) if (!stored.has(each)) tally.disagreements.push(`no task is ${each}`);
  for (const each of stored) if (!written.has(each)) tally.disagreements.push(`no line is ${each}`);
}

/** Which tasks are there by what the log says. */
function toldOf(events: readonly LoggedEvent[]): ReadonlySet<string> {
  const there = new Set<string>();
  for (const { type, subject } of events) {
    if (type === 'task.created') there.add(subject);
    else if (type === 'task.deleted') there.delete(subject);
  }
  return there;
}

/**
 * The event log once it tells of as many tasks as there are: of one whose line is gone it does so a while later, since
 * the line may be on its way.
 */
export async function readTaskEvents(api: Api, key: string): Promise<LoggedEvent[]> {
  let events: LoggedEvent[] = [];
  await until(
    'every task that is gone is told of',
    async () => {
      events = await readEventLog(api, key);
      return toldOf(events).size === (await api.call('/v1/system')).json.tasks.tasks;
    },
    MAX_TELLING_MS,
  ).catch(() => undefined);
  return events;
}

/** Of each task the log says once that it was made, and again only after it was deleted, as when its line came back. */
function checkTold(tasks: readonly Task[], events: readonly LoggedEvent[], tally: Tally): void {
  const told = new Map<string, boolean>();
  for (const { type, subject } of events) {
    const isThere = told.get(subject) ?? false;
    if (type === 'task.created') {
      if (isThere) tally.doubled.push(`a second event says that task ${subject} was made`);
      told.set(subject, true);
    } else if (type === 'task.deleted') {
      if (!isThere) tally.doubled.push(`a second event says that task ${subject} was deleted`);
      told.set(subject, false);
    }
  }
  const live = new Set(tasks.map(({ id }) => id));
  for (const id of live) if (!told.get(id)) tally.lost.push(`no event says that task ${id} was made`);
  for (const [id, isThere] of told) {
    if (isThere && !live.has(id)) tally.lost.push(`task ${id} is gone, and no event says so`);
  }
}

/** The id that was answered stays the task's, unless the editor has saved over its line. */
function checkIds(tasks: readonly Task[], notes: readonly FinalNote[], ledger: Ledger, tally: Tally): void {
  const primary = new Set(notes.filter(({ isConflict }) => !isConflict).map(({ path }) => path));
  for (const { id, title, source } of tasks) {
    const [line] = linesOf(`- ${title}`);
    const answered = line && ledger.taskIds.get(line.name);
    if (!source || !primary.has(source.path) || !line || answered === undefined || answered === id) continue;
    const made = ledger.edits.find((edit) => edit.line === line.name);
    const isMissing = (text: string) => linesOf(text).every(({ name }) => name !== line.name);
    const wasMissing = ledger.saves.some(
      ({ path, savedAt, text }) => path === source.path && savedAt > (made?.begunAt ?? 0) && isMissing(text),
    );
    if (!wasMissing) tally.doubled.push(`${line.name} was answered as ${answered}, and is ${id}`);
  }
}

export async function checkTasks(
  api: Api,
  ledger: Ledger,
  notes: readonly FinalNote[],
  events: readonly LoggedEvent[],
  tally: Tally,
): Promise<number> {
  const tasks = await listTasks(api);
  compareTable(tasks, notes, tally);
  checkTold(tasks, events, tally);
  checkIds(tasks, notes, ledger, tally);
  return tasks.length;
}
