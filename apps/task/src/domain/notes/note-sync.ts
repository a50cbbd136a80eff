import type { Runtime } from '@weave-nn/config';
import type { EventDraft, Outbox } from '@weave-nn/events';
import type { NoteTask } from '@weave-nn/vault/tasks';
import type { NoteStore } from '../../store/notes.ts';
import type { PinStore } from '../../store/pins.ts';
import type { MovedLine, TaskStore } from '../../store/tasks.ts';
import type { Statements } from '../../store/transaction.ts';
import { settle } from '../change/settle.ts';
import { blankTask } from '../change/task-change.ts';
import { type Author, changesOf, eventOf } from '../change/task-events.ts';
import type { Days } from '../days.ts';
import { contentOf, type StoredTask, sourceOf } from '../stored-task.ts';
import { findExpected } from './expected.ts';
import type { FoundTask, KnownTask, NoteState } from './found-task.ts';
import { fullKeyOf, matchTasks } from './match.ts';
import { moveBetweenNotes } from './moves.ts';
import { isNowhere } from './pins.ts';

export interface SyncContext {
  authorOf(path: string): Author;
  /** The notes that were renamed: their new paths with their old ones. */
  renamed?: ReadonlyMap<string, string>;
  /** What changes of tasks beside their lines, by id. */
  patches?: ReadonlyMap<string, Partial<StoredTask>>;
}

interface Write {
  before: StoredTask | undefined;
  after: StoredTask;
}

export interface NoteSyncOptions {
  tasks: TaskStore;
  notes: NoteStore;
  pins: PinStore;
  outbox: Outbox;
  runtime: Runtime;
  days: Days;
}

function toFound(path: string, task: NoteTask): FoundTask {
  const content = contentOf(task);
  const source = sourceOf(path, task);
  const { title, externalId } = content;
  const { raw, textKey, line } = source;
  return { path, task, source, title, externalId, raw, textKey, line, fullKey: fullKeyOf(content) };
}

function toKnown(stored: StoredTask): KnownTask {
  const { title, externalId, source } = stored;
  const { raw = '', textKey = '', line = 0 } = source ?? {};
  return { stored, title, externalId, raw, textKey, line, fullKey: fullKeyOf(stored) };
}

function groupByPath(tasks: readonly StoredTask[]): Map<string, KnownTask[]> {
  return Map.groupBy(tasks.map(toKnown), ({ stored: { source } }) => source?.path ?? '');
}

/**
 * The known tasks of each note at its present path: notes may have changed places.
 *
 * @param paths the notes in hand; others are left alone
 * @returns also the tasks of notes whose path another one has taken
 */
function followRenames(
  byPath: ReadonlyMap<string, KnownTask[]>,
  renamed: ReadonlyMap<string, string>,
  paths: readonly string[],
): { known: Map<string, KnownTask[]>; displaced: KnownTask[] } {
  const here = new Set(paths);
  const renames = [...renamed].filter(([to, from]) => here.has(to) && byPath.has(from));
  const leaving = new Set(renames.map(([, from]) => from));
  const known = new Map([...byPath].filter(([path]) => !leaving.has(path)));
  const displaced: KnownTask[] = [];
  for (const [to, from] of renames) {
    displaced.push(...(known.get(to) ?? []));
    known.set(to, byPath.get(from) ?? []);
  }
  return { known, displaced };
}

/** Makes the tasks those of the notes, one state of a note after another. */
export function createNoteSync({ tasks, notes, pins, outbox, runtime, days }: NoteSyncOptions) {
  /** The task as its line says it is. */
  function asFound(stored: StoredTask, { task, source }: FoundTask): StoredTask {
    return { ...stored, ...contentOf(task), state: 'live', source, warnings: task.meaning.warnings };
  }

  /** Which of the tasks in hand is which of those found, note by note. */
  async function matchAll(sql: Statements, states: readonly NoteState[], renamed: ReadonlyMap<string, string>) {
    const paths = states.map(({ path }) => path);
    const stored = await tasks.lockOfNotes(sql, paths);
    const byPath = groupByPath(stored);
    const awaited = groupByPath(await tasks.lockExpected(sql, paths));
    const { known: knownOf, displaced } = followRenames(byPath, renamed, paths);
    const pinned = await pins.of(sql, states);
    const expected = await tasks.lock(
      sql,
      pinned.map(({ taskId }) => taskId),
    );
    const byId = new Map([...expected, ...stored].map((each) => [each.id, each]));
    const pinsByContent = Map.groupBy(pinned, ({ path, hash }) => `${hash}\n${path}`);
    const pairs: [StoredTask, FoundTask][] = [];
    const lost: StoredTask[] = displaced.map((each) => each.stored);
    const gone: StoredTask[] = [];
    const added: FoundTask[] = [];
    for (const { path, hash, tasks: noteTasks } of states) {
      const found = noteTasks.map((task) => toFound(path, task));
      const byLine = new Map(found.map((each) => [each.line, each]));
      const settledTasks = new Set<StoredTask>();
      const settledLines = new Set<FoundTask>();
      for (const pin of pinsByContent.get(`${hash}\n${path}`) ?? []) {
        const task = byId.get(pin.taskId);
        if (task && isNowhere(pin.line) && task.state === 'live' && task.source?.path === path) {
          settledTasks.add(task);
          gone.push(task);
        }
        const line = byLine.get(pin.line);
        if (!line || !task) continue;
        settledTasks.add(task);
        settledLines.add(line);
        pairs.push([task, line]);
      }
      const known = (knownOf.get(path) ?? []).filter((each) => !settledTasks.has(each.stored));
      const pinnedIds = new Set([...settledTasks].map(({ id }) => id));
      const expectedHere = (awaited.get(path) ?? []).filter((each) => !pinnedIds.has(each.stored.id));
      const free = () => found.filter((each) => !settledLines.has(each));
      for (const [one, line] of findExpected(expectedHere, known, free())) {
        settledLines.add(line);
        pairs.push([one.stored, line]);
      }
      const match = matchTasks(known, free());
      pairs.push(...match.pairs.map(([one, each]): [StoredTask, FoundTask] => [one.stored, each]));
      lost.push(...match.lost.map((one) => one.stored));
      added.push(...match.added);
    }
    return { pairs, lost, gone, added };
  }

  async function write(sql: Statements, writes: readonly Write[], context: SyncContext): Promise<void> {
    const added: StoredTask[] = [];
    const updated: StoredTask[] = [];
    const moved: MovedLine[] = [];
    const retagged = new Set<string>();
    const events: EventDraft[] = [];
    for (const { before, after } of writes) {
      const { source } = after;
      const author = context.authorOf(source?.path ?? '');
      const event = after.state === 'missing' ? undefined : eventOf(before, after, author);
      if (event) events.push(event);
      if (!before) {
        added.push(after);
        continue;
      }
      if (isOnlyMoved(before, after)) {
        if (source && (before.source?.line !== source.line || before.source.heading !== source.heading)) {
          moved.push({ id: after.id, line: source.line, heading: source.heading });
        }
        continue;
      }
      updated.push(after);
      if (JSON.stringify(before.tags) !== JSON.stringify(after.tags)) retagged.add(after.id);
    }
    await tasks.add(sql, added);
    await tasks.update(sql, updated, retagged);
    await tasks.moveLines(sql, moved);
    await outbox.appendAll(sql, events);
  }

  return {
    /**
     * Applies states of notes that are newer than those seen before, and leaves the others alone.
     *
     * @returns the paths of those that were applied
     */
    async apply(sql: Statements, states: readonly NoteState[], context: SyncContext): Promise<Set<string>> {
      const seen = await notes.lock(
        sql,
        states.map(({ path }) => path),
      );
      const fresh = states.filter(({ path, sequence }) => sequence > (seen.get(path)?.sequence ?? -1));
      if (fresh.length === 0) return new Set();
      const moment = { now: runtime.now(), today: days.today() };
      const match = await matchAll(sql, fresh, context.renamed ?? new Map());
      const { pairs, copied, missing, added } = await moveBetweenNotes(sql, tasks, match, moment.now);
      const writes: Write[] = [
        ...pairs.map(([before, found]) => ({
          before,
          after: settle(before, { ...asFound(before, found), ...context.patches?.get(before.id) }, moment),
        })),
        ...added.map((found) => ({
          before: undefined,
          after: settle(undefined, asFound(blankTask(runtime.uuid(), moment.now), found), moment),
        })),
        ...[...missing, ...match.gone].map((before) => ({
          before,
          after: settle(before, { ...before, state: 'missing' }, moment),
        })),
        ...copied.flatMap(([before, copy]) => [
          { before: copy, after: settle(copy, { ...copy, state: 'deleted' }, moment) },
          { before, after: settle(before, asCopied(before, copy), moment) },
        ]),
      ];
      await write(sql, writes, context);
      await pins.remove(sql, fresh);
      await notes.save(sql, fresh);
      return new Set(fresh.map(({ path }) => path));
    },
  };
}

/** A task at the place of another, saying what that one says. */
export function asCopied(stored: StoredTask, copy: StoredTask): StoredTask {
  const { id, projectId, assignee, watchers, comments, createdAt, completedAt, revision, dueTold, overdueTold } =
    stored;
  const own = { id, projectId, assignee, watchers, comments, createdAt, completedAt, revision, dueTold, overdueTold };
  return { ...copy, ...own, stateAt: stored.stateAt, updatedAt: stored.updatedAt };
}

/** Nothing but the line it stands on, and the heading over it, differs. */
function isOnlyMoved(before: StoredTask, after: StoredTask): boolean {
  return (
    before.state === after.state &&
    before.source?.path === after.source?.path &&
    before.source?.raw === after.source?.raw &&
    before.source?.textKey === after.source?.textKey &&
    JSON.stringify(before.warnings) === JSON.stringify(after.warnings) &&
    Object.keys(changesOf(before, after)).length === 0
  );
}

export type NoteSync = ReturnType<typeof createNoteSync>;
