import type { KeyedMutex } from '@weave-nn/background';
import { backoff, pause, type Runtime } from '@weave-nn/config';
import type { EventDraft, Outbox } from '@weave-nn/events';
import { TaskError } from '../../errors.ts';
import type { PinStore } from '../../store/pins.ts';
import type { ProjectStore } from '../../store/projects.ts';
import type { Idempotency, RequestStore } from '../../store/requests.ts';
import type { TaskStore } from '../../store/tasks.ts';
import type { Statements, Transaction, Transactions } from '../../store/transaction.ts';
import type { Days } from '../days.ts';
import type { NoteState } from '../notes/found-task.ts';
import type { NoteFiles } from '../notes/note-files.ts';
import { asCopied, type NoteSync } from '../notes/note-sync.ts';
import { byId, type Present, pathsIn } from '../present.ts';
import type { StoredTask } from '../stored-task.ts';
import { makePlan, NoteMoved, type Operation } from './plan.ts';
import type { Plan, RowChange } from './planned-changes.ts';
import { endedRows, patchedRows, type RowWrite } from './row-writes.ts';
import { settle } from './settle.ts';
import { blankTask, changeTask } from './task-change.ts';
import { type Author, changesOf, eventOf } from './task-events.ts';

const MAX_ATTEMPTS = 10;
const INITIAL_BACKOFF_MS = 5;
const MAX_BACKOFF_MS = 200;

export interface ChangesOptions {
  database: Transactions;
  tasks: TaskStore;
  present: Present;
  pins: PinStore;
  projects: ProjectStore;
  requests: RequestStore;
  files: NoteFiles;
  sync: NoteSync;
  outbox: Outbox;
  /** Excludes changes of the same task or note from running at the same time, so that they need not fail first. */
  mutex: KeyedMutex;
  runtime: Runtime;
  days: Days;
  /** Called after a change is committed. */
  onChanged(): void;
}

/** A request while it is carried out. */
interface Request {
  idempotency: Idempotency | null;
  /** The tasks in the order of its operations. */
  ids: readonly string[];
  /** Whether it is written down under its key that it makes these tasks. */
  isKept: boolean;
}

/** Every change that comes in by request. */
export function createChanges(options: ChangesOptions) {
  const { database, present, tasks, pins, projects, requests, files, sync, outbox, mutex, runtime, days } = options;

  /** Does what is planned; false when it has to be planned again. */
  async function executePlan(plan: Plan, author: Author, request: Request) {
    const now = runtime.now();
    const keep = async (transaction: Transaction) => {
      if (request.idempotency && !request.isKept)
        await requests.keep(transaction, request.idempotency, request.ids, now);
    };
    if (plan.notes.length === 0) return finish(plan, [], author, keep);
    await database.transaction(async (transaction) => {
      await tasks.addExpected(transaction.sql, plan.expected);
      await pins.add(transaction.sql, plan.pins, now);
      await keep(transaction);
    });
    request.isKept = true;
    const written = await files.write(plan.notes).catch(async (error: unknown) => {
      // What answered nothing may still be carried out; then the tasks are expected.
      const isRefused = error instanceof TaskError && error.code === 'note-refused';
      if (isRefused) await rollBack(plan, request);
      throw error;
    });
    if (!written) {
      // The tasks stay expected: the same request, sent before, may still be carried out.
      await database.transaction(({ sql }) => pins.remove(sql, plan.notes));
      return false;
    }
    const sequences = new Map(written.map(({ path, sequence }) => [path, sequence]));
    const states = plan.notes.map(
      ({ path, hash, tasks: found }): NoteState => ({ path, hash, tasks: found, sequence: sequences.get(path) ?? 0 }),
    );
    return finish(plan, states, author, async () => undefined);
  }

  async function rollBack(plan: Plan, { idempotency }: Request): Promise<void> {
    await database.transaction(async (transaction) => {
      await tasks.removeExpected(
        transaction.sql,
        plan.expected.map(({ id }) => id),
      );
      await pins.remove(transaction.sql, plan.notes);
      if (idempotency) await requests.forget(transaction, idempotency);
    });
  }

  /** Brings the tables to what the notes say now, and changes what they do not say; false when it is stale. */
  async function finish(
    plan: Plan,
    states: NoteState[],
    author: Author,
    also: (transaction: Transaction) => Promise<void>,
  ) {
    const isDone = await database.transaction(async (transaction) => {
      const { sql } = transaction;
      const ids = [...plan.rows.map(({ after }) => after.id), ...plan.patches.keys(), ...plan.deleted.keys()];
      if (states.length > 0) await sync.apply(sql, states, { authorOf: () => author, patches: plan.patches });
      const stored = byId(await tasks.lock(sql, ids));
      const rows = plan.rows.map((row) => replan(row, stored, states.length > 0));
      const patched = patchedRows(plan.patches, stored);
      if (!patched || rows.includes(undefined)) return false;
      const ended = [...plan.deleted].flatMap(([id, last]) => endedRows(last, stored.get(id), copyOf));
      await write(sql, [...rows.flatMap((row) => row ?? []), ...patched, ...ended], author);
      const named = [...plan.patches.values(), ...plan.expected].flatMap(({ projectId }) => projectId ?? []);
      const time = new Date(runtime.now()).toISOString();
      for (const projectId of new Set(named)) await projects.makeSure(sql, projectId, time);
      await also(transaction);
      return true;
    });
    if (isDone) options.onChanged();
    return isDone;
  }

  /** A new task at the place of another. */
  function copyOf(task: StoredTask): StoredTask {
    return asCopied(blankTask(runtime.uuid(), runtime.now()), task);
  }

  /** A row may have been changed by somebody else since it was planned for. */
  function replan(
    { before, after, change }: RowChange,
    stored: ReadonlyMap<string, StoredTask>,
    isWritten: boolean,
  ): RowWrite | undefined {
    const present = stored.get(after.id);
    if (!before || present?.revision === before.revision) return { before: present, after };
    // The notes of the same request are written already: what it wants is done to the row as it is now.
    if (!isWritten || !present || !change) return undefined;
    return { before: present, after: changeTask(present, change, days.today()) };
  }

  async function write(sql: Statements, writes: readonly RowWrite[], author: Author): Promise<void> {
    const moment = { now: runtime.now(), today: days.today() };
    const events: EventDraft[] = [];
    for (const { before, after: wanted } of writes) {
      if (before?.state === 'deleted') continue;
      if (before && before.state === wanted.state && Object.keys(changesOf(before, wanted)).length === 0) continue;
      const after = settle(before, wanted, moment);
      const event = eventOf(before, after, author);
      if (event) events.push(event);
      if (before) await tasks.update(sql, [after], new Set([after.id]));
      else await tasks.add(sql, [after]);
      if (after.projectId !== null) await projects.makeSure(sql, after.projectId, after.updatedAt);
    }
    await outbox.appendAll(sql, events);
  }

  /** Without the tasks that have come to be meanwhile, by the same request when it was sent before. */
  async function leftOf(operations: readonly Operation[]): Promise<readonly Operation[]> {
    const ids = operations.flatMap((each) => (each.op === 'create' ? [each.id] : []));
    if (ids.length === 0) return operations;
    const found = byId(await tasks.find(database.read, ids));
    const isThere = (id: string) => (found.get(id)?.state ?? 'expected') !== 'expected';
    return operations.filter((each) => each.op !== 'create' || !isThere(each.id));
  }

  async function attempt(operations: readonly Operation[], author: Author, request: Request, isFirst: boolean) {
    const { stored, texts } = await present.loadCurrentState(operations, isFirst);
    const left = isFirst && !request.isKept ? operations : await leftOf(operations);
    if (left.length === 0) return true;
    const plan = makePlan(left, {
      stored,
      notes: new Map(texts.map((text) => [text.path, text])),
      tasksOf: files.tasksOf,
      uuid: runtime.uuid,
      now: runtime.now(),
      today: days.today(),
    });
    return executePlan(plan, author, request);
  }

  async function change(operations: readonly Operation[], author: Author, request: Request): Promise<void> {
    for (let tries = 1; tries <= MAX_ATTEMPTS; tries++) {
      try {
        if (await attempt(operations, author, request, tries === 1)) return;
      } catch (error) {
        if (!(error instanceof NoteMoved)) throw error;
      }
      await pause(runtime, backoff(runtime, tries, INITIAL_BACKOFF_MS, MAX_BACKOFF_MS));
    }
    throw new TaskError(
      'note-busy',
      'what this concerns keeps being changed by others; nothing was changed, try again',
    );
  }

  async function answer(ids: readonly string[]): Promise<(StoredTask | null)[]> {
    const found = byId(await tasks.find(database.read, ids));
    return ids.map((id) => {
      const task = found.get(id);
      return task === undefined || task.state === 'missing' ? null : task;
    });
  }

  /** Answers what was made before; what was begun and is not in its note is done again as the same task. */
  async function resume(
    operations: readonly Operation[],
    author: Author,
    idempotency: Idempotency,
    kept: readonly string[],
  ): Promise<void> {
    const begun = (await tasks.find(database.read, kept)).filter(({ state }) => state === 'expected');
    if (begun.length === 0) return;
    await present.readNotes(begun.flatMap(({ source }) => (source ? [source.path] : [])));
    const left = (await tasks.find(database.read, kept)).some(({ state }) => state === 'expected');
    if (!left) return;
    const again = operations.map((each, index) =>
      each.op === 'create' ? { ...each, id: kept[index] ?? each.id } : each,
    );
    await change(again, author, { idempotency, ids: kept, isKept: true });
  }

  return {
    /**
     * Carries out operations, all or none.
     *
     * @param idempotency what was made under the key before is answered again and nothing done
     * @returns the tasks in the order of the operations; null, or in the state `deleted`, when one is gone
     * @throws TaskError
     */
    async apply(
      operations: readonly Operation[],
      author: Author,
      idempotency: Idempotency | null = null,
    ): Promise<(StoredTask | null)[]> {
      const ids = operations.map(({ id }) => id);
      if (new Set(ids).size < ids.length) {
        throw new TaskError('operations-overlap', 'a task is named twice; join its changes to one');
      }
      const known = byId(await tasks.find(database.read, ids));
      const names = [...pathsIn(operations, known), ...ids, ...(idempotency ? [idempotency.key] : [])];
      return mutex.runExclusive(names, async () => {
        const kept = idempotency ? await requests.answered(idempotency) : undefined;
        if (kept && idempotency) await resume(operations, author, idempotency, kept);
        else await change(operations, author, { idempotency, ids, isKept: false });
        return answer(kept ?? ids);
      });
    },
  };
}

export type Changes = ReturnType<typeof createChanges>;
