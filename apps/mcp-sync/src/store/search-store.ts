import type { Sql } from '@weave-nn/database/sql';
import type { Query } from '../domain/query.ts';
import type { WrittenNote } from './written-note.ts';

/** A note found, in the order of its rank. */
export interface Found {
  path: string;
  title: string;
  content: string | null;
  score: number;
}

/** The search index, whatever the database has for it. */
export interface SearchStore {
  /** Takes in notes that it does not have. */
  add(sql: Sql, notes: readonly WrittenNote[]): Promise<void>;
  remove(sql: Sql, ids: readonly number[]): Promise<void>;
  /** Empties it; the notes are still there. */
  clear(sql: Sql): Promise<void>;
  /** Notes that fit, best first, ties by path; and how many there are in all. */
  find(query: Query, folder: string, offset: number, limit: number): Promise<{ found: Found[]; total: number }>;
}
