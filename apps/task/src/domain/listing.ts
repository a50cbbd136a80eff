import type { ListTasksQuery, TaskSort } from '@weave-nn/clients';
import { TaskError } from '../errors.ts';
import type { ListOrder, ListPosition, TaskLists } from '../store/task-lists.ts';
import { storable } from './storable.ts';
import type { StoredTask } from './stored-task.ts';

const DEFAULT_LIMIT = 100;

function orderOf({ sort, dueBefore, dueAfter }: ListTasksQuery): ListOrder {
  const isByDay = dueBefore !== undefined || dueAfter !== undefined;
  const named = sort ?? (isByDay ? 'dueDate' : 'createdAt');
  return { by: named.replace(/^-/, '') as TaskSort, descending: named.startsWith('-') };
}

const invalid = () =>
  new TaskError('cursor-invalid', 'invalid cursor; send the nextCursor of an earlier response to the same request');

/** A place in a list, as callers see it. */
export function encodeCursor(position: unknown): string {
  return Buffer.from(JSON.stringify(position)).toString('base64url');
}

/** @throws TaskError `cursor-invalid` for one that was not given out */
export function decodeCursor(cursor: string): unknown {
  try {
    const position: unknown = JSON.parse(Buffer.from(cursor, 'base64url').toString());
    if (encodeCursor(position) === cursor) return position;
  } catch {
    // Not JSON: said below.
  }
  throw invalid();
}

/** A cursor of a list that goes by ids. */
export function decodeIdCursor(cursor: string | undefined): string {
  if (cursor === undefined) return '';
  const id = decodeCursor(cursor);
  if (typeof id !== 'string' || storable(id) !== id) throw invalid();
  return id;
}

function decodePosition(cursor: string | undefined, { by, descending }: ListOrder): ListPosition | undefined {
  if (cursor === undefined) return undefined;
  const position = decodeCursor(cursor);
  if (!Array.isArray(position) || position.length !== 4) throw invalid();
  const [name, way, key, id] = position as unknown[];
  const isKey = by === 'priority' ? Number.isInteger(key) : typeof key === 'string' && storable(key) === key;
  if (name !== by || way !== descending || !isKey || typeof id !== 'string' || storable(id) !== id) throw invalid();
  return { key: key as string | number, id };
}

/** What tasks have, so that nothing that no database takes is looked for. */
function storableFilter<Filter extends object>(filter: Filter): Filter {
  const entries = Object.entries(filter).map(([name, value]) => [
    name,
    typeof value === 'string' ? storable(value) : value,
  ]);
  return Object.fromEntries(entries) as Filter;
}

/** Answers lists of tasks page by page. */
export function createListing(lists: TaskLists) {
  return {
    /** @throws TaskError `cursor-invalid` */
    async page(query: ListTasksQuery): Promise<{ items: StoredTask[]; nextCursor: string | null }> {
      const { limit = DEFAULT_LIMIT, cursor, sort: _, ...filter } = query;
      const order = orderOf(query);
      const found = await lists.page(storableFilter(filter), order, decodePosition(cursor, order), limit + 1);
      const items = found.slice(0, limit);
      const last = items.at(-1);
      if (!last || found.length <= limit) return { items, nextCursor: null };
      const { key, id } = lists.positionOf(last, order);
      return { items, nextCursor: encodeCursor([order.by, order.descending, key, id]) };
    },
  };
}

export type Listing = ReturnType<typeof createListing>;
