// Statements for pages by row values, `(due_key, id) > (?, ?)`, each of which an index finds; a client writes an OR, which none does.
import type { ListTasksQuery, TaskSort } from '@weave-nn/clients';
import type { Database, SqlValue } from '@weave-nn/database';
import type { StoredTask } from '../domain/stored-task.ts';
import { type TaskRow, toRow, toTask } from './task-rows.ts';

/** A place in a list: what the last task of a page is sorted by, and its id. */
export interface ListPosition {
  key: string | number;
  id: string;
}

export interface ListOrder {
  by: TaskSort;
  descending: boolean;
}

export type TaskFilter = Omit<ListTasksQuery, 'limit' | 'cursor' | 'sort'>;

/** Up to so many tasks with a tag are looked at each; of more, those in the list's order are asked whether they have it. */
const RARE = 2_000;

const columnOf = {
  createdAt: 'id',
  updatedAt: 'updated_at',
  dueDate: 'due_key',
  priority: 'priority',
  title: 'title_key',
} as const satisfies Record<TaskSort, keyof TaskRow>;

/** Lists of tasks, page by page, each found by an index in its order. */
export function createTaskLists(database: Database, vaultId: string) {
  const { read } = database;

  async function isRare(tagKey: string): Promise<boolean> {
    const row = await read.get<{ total: number }>(
      'SELECT count(*) AS total FROM (SELECT 1 FROM task_tag WHERE vault_id = ? AND tag_key = ? LIMIT ?) AS probe',
      vaultId,
      tagKey,
      RARE + 1,
    );
    return (row?.total ?? 0) <= RARE;
  }

  async function conditionsOf(filter: TaskFilter): Promise<{ texts: string[]; values: SqlValue[] }> {
    const texts = ['vault_id = ?', `state = 'live'`];
    const values: SqlValue[] = [vaultId];
    const add = (text: string, ...more: SqlValue[]) => {
      texts.push(text);
      values.push(...more);
    };
    const { projectId, status, tag, dueBefore, dueAfter, completed, path, assignee } = filter;
    if (projectId !== undefined) add('project_id = ?', projectId);
    if (assignee !== undefined) add('assignee = ?', assignee);
    if (completed !== undefined) add('completed = ?', completed ? 1 : 0);
    if (dueBefore !== undefined) add('due_key < ?', dueBefore);
    if (dueAfter !== undefined) add('due_key > ? AND due_date IS NOT NULL', dueAfter);
    if (status !== undefined) {
      const names = status.split(',');
      add(`status IN (${names.map(() => '?').join(', ')})`, ...names);
    }
    if (path !== undefined) {
      const folder = path.replace(/\/+$/, '');
      // `0` follows `/`: everything in the folder, in the order of bytes.
      if (path.toLowerCase().endsWith('.md')) add('path = ?', path);
      else if (folder !== '') add('path >= ? AND path < ?', `${folder}/`, `${folder}0`);
      else add('path IS NOT NULL');
    }
    if (tag !== undefined) {
      const key = tag.replace(/^#/, '').toLowerCase().slice(0, 200);
      const rows = 'SELECT task_id FROM task_tag WHERE task_tag.vault_id = ? AND tag_key = ?';
      if (await isRare(key)) add(`id IN (${rows})`, vaultId, key);
      else add(`EXISTS (${rows} AND task_id = task.id)`, vaultId, key);
    }
    return { texts, values };
  }

  return {
    /** The tasks after a place in a list. */
    async page(
      filter: TaskFilter,
      order: ListOrder,
      after: ListPosition | undefined,
      limit: number,
    ): Promise<StoredTask[]> {
      const { texts, values } = await conditionsOf(filter);
      const column = columnOf[order.by];
      const [way, beyond] = order.descending ? ['DESC', '<'] : ['ASC', '>'];
      const sorting = column === 'id' ? `id ${way}` : `${column} ${way}, id ${way}`;
      if (after && column === 'id') {
        texts.push(`id ${beyond} ?`);
        values.push(after.id);
      } else if (after) {
        texts.push(`(${column}, id) ${beyond} (?, ?)`);
        values.push(after.key, after.id);
      }
      const rows = await read.all<TaskRow>(
        `SELECT task.* FROM (SELECT id AS found FROM task WHERE ${texts.join(' AND ')} ORDER BY ${sorting} LIMIT ?) AS page
         JOIN task ON id = found ORDER BY ${sorting}`,
        ...values,
        limit,
      );
      return rows.map(toTask);
    },

    /** The place of a task in a list. */
    positionOf(task: StoredTask, { by }: ListOrder): ListPosition {
      return { key: toRow(task)[columnOf[by]], id: task.id };
    },
  };
}

export type TaskLists = ReturnType<typeof createTaskLists>;
