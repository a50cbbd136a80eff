// Statements for what is read, locked and written in bulk: one event may concern the tasks of hundreds of notes.
import { type Database, listOf, listTable, membersOf, oneOfList, rowInsert, type Sql } from '@weave-nn/database';
import type { StoredTask } from '../domain/stored-task.ts';
import { type TaskRow, taskColumns, toRow, toTask } from './task-rows.ts';

/** What may have something left to be told, in the words of the index `task_not_all_told`. */
const NOT_ALL_TOLD = '(due_told IS NULL OR due_told <> due_key OR overdue_told IS NULL OR overdue_told <> due_key)';

/** A line that has moved within its note. */
export interface MovedLine {
  id: string;
  line: number;
  heading: string | null;
}

/** The key of a tag and of those it is below: `home/garden` and `home` for `#Home/Garden`. */
function tagKeys(tags: readonly string[]): string[] {
  const keys = tags.flatMap((tag) => {
    const names = tag.slice(1).toLowerCase().split('/');
    return names.map((_, index) => names.slice(0, index + 1).join('/'));
  });
  return [...new Set(keys)].filter((key) => key !== '').map((key) => key.slice(0, 200).toWellFormed());
}

/** The tasks: what is there, what was there, and where each lives in a note. */
export function createTaskStore(database: Database, vaultId: string) {
  const { provider } = database;
  const list = listTable(provider);
  const listed = oneOfList(provider);
  /** SQLite has one writing transaction at a time. */
  const LOCK = provider === 'postgresql' ? 'FOR UPDATE' : '';
  const columns = { ...taskColumns, vault_id: 'TEXT' } as const;
  const updated = Object.keys(taskColumns)
    .filter((column) => column !== 'id')
    .map((column) => `${column} = excluded.${column}`);
  const insert = rowInsert(provider, { table: 'task', columns });
  const upsert = rowInsert(provider, {
    table: 'task',
    columns,
    conflict: `ON CONFLICT (id) DO UPDATE SET ${updated.join(', ')}`,
  });
  const upsertExpected = rowInsert(provider, {
    table: 'task',
    columns,
    conflict: `ON CONFLICT (id) DO UPDATE SET ${updated.join(', ')} WHERE task.state = 'expected'`,
  });
  const insertTags = rowInsert(provider, {
    table: 'task_tag',
    columns: { vault_id: 'TEXT', tag_key: 'TEXT', task_id: 'TEXT' },
  });
  const valuesOf = (task: StoredTask) => {
    const row = toRow(task);
    return [...Object.keys(taskColumns).map((column) => row[column as keyof TaskRow]), vaultId];
  };

  async function select(sql: Sql, condition: string, ...values: (string | number)[]): Promise<StoredTask[]> {
    const rows = await sql.all<TaskRow>(`SELECT * FROM task WHERE vault_id = ? AND ${condition}`, vaultId, ...values);
    return rows.map(toTask);
  }

  async function writeTags(sql: Sql, tasks: readonly StoredTask[]): Promise<void> {
    await insertTags(
      sql,
      tasks.flatMap(({ id, tags }) => tagKeys(tags).map((key) => [vaultId, key, id])),
    );
  }

  return {
    /** Tasks by their ids, in whatever state, in no order. */
    find: (sql: Sql, ids: readonly string[]) => select(sql, `id ${listed}`, membersOf(ids)),

    /** The same, and nobody else changes them until the transaction ends. */
    lock: (sql: Sql, ids: readonly string[]) => select(sql, `id ${listed} ORDER BY id ${LOCK}`, membersOf(ids)),

    /** The live tasks of notes, in their order. */
    ofNotes: (sql: Sql, paths: readonly string[]) =>
      select(sql, `path ${listed} AND state = 'live' ORDER BY path, line`, membersOf(paths)),

    /** The same, and nobody else changes them until the transaction ends. */
    lockOfNotes: (sql: Sql, paths: readonly string[]) =>
      select(sql, `path ${listed} AND state = 'live' ORDER BY path, line ${LOCK}`, membersOf(paths)),

    /** The same of tasks whose lines are being written into these notes. */
    lockExpected: (sql: Sql, paths: readonly string[]) =>
      select(sql, `path ${listed} AND state = 'expected' ORDER BY id ${LOCK}`, membersOf(paths)),

    /** Tasks whose line is not there, with one of these texts, the last that left first. */
    absent: (sql: Sql, textKeys: readonly string[], since: number) =>
      select(
        sql,
        `text_key ${listed} AND state <> 'live' AND state_at >= ? ORDER BY state_at DESC, id ${LOCK}`,
        membersOf(textKeys),
        since,
      ),

    /** Live tasks with one of these texts that are no older than a time (ISO 8601) and nobody commented on. */
    young: (sql: Sql, textKeys: readonly string[], since: string) =>
      select(
        sql,
        `text_key ${listed} AND state = 'live' AND created_at >= ? AND comments = 0 ORDER BY id ${LOCK}`,
        membersOf(textKeys),
        since,
      ),

    /** Tasks in a state since before a time, the oldest first. */
    inState: (sql: Sql, state: StoredTask['state'], before: number, limit: number) =>
      select(sql, `state = ? AND state_at < ? ORDER BY state_at LIMIT ? ${LOCK}`, state, before, limit),

    /** Open tasks that are due by a day and of which that, or that they are overdue, was not told. */
    unreminded: (sql: Sql, soon: string, today: string, limit: number) =>
      select(
        sql,
        `state = 'live' AND completed = 0 AND status <> 'cancelled' AND ${NOT_ALL_TOLD} AND due_key <= ?
         AND (due_told IS NULL OR due_told <> due_key OR due_key < ?)
         ORDER BY due_key, id LIMIT ? ${LOCK}`,
        soon,
        today,
        limit,
      ),

    /** Adds tasks that are new. */
    async add(sql: Sql, tasks: readonly StoredTask[]): Promise<void> {
      await insert(sql, tasks.map(valuesOf));
      await writeTags(sql, tasks);
    },

    /** Adds tasks whose lines are being written, unless they are there; they have no tags yet that are looked for. */
    addExpected: (sql: Sql, tasks: readonly StoredTask[]) => upsertExpected(sql, tasks.map(valuesOf)),

    /** Forgets tasks whose lines were not written. */
    async removeExpected(sql: Sql, ids: readonly string[]): Promise<void> {
      await sql.run(`DELETE FROM task WHERE state = 'expected' AND id ${listed}`, membersOf(ids));
    },

    /**
     * Writes tasks that are there already.
     *
     * @param retagged the ids of those whose tags have changed
     */
    async update(sql: Sql, tasks: readonly StoredTask[], retagged: ReadonlySet<string>): Promise<void> {
      await upsert(sql, tasks.map(valuesOf));
      const changed = tasks.filter(({ id }) => retagged.has(id));
      if (changed.length === 0) return;
      await sql.run(`DELETE FROM task_tag WHERE task_id ${listed}`, membersOf(changed.map(({ id }) => id)));
      await writeTags(sql, changed);
    },

    /** Writes where lines have moved to. */
    async moveLines(sql: Sql, moved: readonly MovedLine[]): Promise<void> {
      if (moved.length === 0) return;
      if (provider === 'sqlite') {
        for (const { id, line, heading } of moved)
          await sql.run('UPDATE task SET line = ?, heading = ? WHERE id = ?', line, heading, id);
        return;
      }
      await sql.run(
        `UPDATE task SET line = CAST(value ->> 1 AS INTEGER), heading = value ->> 2 FROM ${list} WHERE id = value ->> 0`,
        listOf(moved.map(({ id, line, heading }) => [id, line, heading])),
      );
    },

    /** Forgets tasks for good, with their comments. */
    async remove(sql: Sql, ids: readonly string[]): Promise<void> {
      await sql.run(`DELETE FROM task WHERE id ${listed}`, membersOf(ids));
    },

    async count(): Promise<number> {
      const row = await database.read.get<{ total: number }>(
        `SELECT count(*) AS total FROM task WHERE vault_id = ? AND state = 'live'`,
        vaultId,
      );
      return row?.total ?? 0;
    },
  };
}

export type TaskStore = ReturnType<typeof createTaskStore>;
