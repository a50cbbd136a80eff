import type { Database, Sql, SqlValue } from '@weave-nn/database';
import type { Query, Term } from '../domain/query.ts';
import { tokenText } from '../domain/tokens.ts';
import type { WrittenNote } from './notes.ts';

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
  clear(sql: Sql): Promise<void>;
  /** Notes that fit, best first, ties by path; and how many there are in all. */
  find(query: Query, folder: string, offset: number, limit: number): Promise<{ found: Found[]; total: number }>;
}

/** How much a word counts in title and aliases, headings, tags, and text. */
const WEIGHTS = '10.0, 4.0, 3.0, 1.0';

function quote({ tokens, prefix }: Term): string {
  return `"${tokens.join(' ')}"${prefix ? ' *' : ''}`;
}

/** FTS5's own query language; every token is quoted, so that none is taken for an operator. */
function toMatch({ terms, excluded }: Query): string {
  const wanted = terms.map(quote).join(' AND ');
  return excluded.length > 0 ? `(${wanted}) NOT (${excluded.map(quote).join(' OR ')})` : wanted;
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

interface Condition {
  text: string;
  values: SqlValue[];
}

function conditions(query: Query, folder: string, vaultId: string): Condition {
  const parts = ['note.vault_id = ?'];
  const values: SqlValue[] = [vaultId];
  if (folder !== '') {
    parts.push('note.path >= ? AND note.path < ?');
    values.push(`${folder}/`, `${folder}/\u{10FFFF}`);
  }
  for (const tag of query.tags) {
    parts.push(
      `EXISTS (SELECT 1 FROM tag WHERE tag.note_id = note.id AND (tag.tag_key = ? OR tag.tag_key LIKE ? ESCAPE '\\'))`,
    );
    values.push(tag, `${escapeLike(tag)}/%`);
  }
  for (const path of query.paths) {
    parts.push(`note.path LIKE ? ESCAPE '\\'`);
    values.push(`%${escapeLike(path)}%`);
  }
  return { text: parts.join(' AND '), values };
}

/** Search over SQLite's FTS5. */
export function createFts5Store(database: Database, vaultId: string): SearchStore {
  const { read } = database;

  /** Without filters FTS5 ranks by itself; rows that tie with the last one wanted are fetched as well, to order them by path. */
  async function rankedAlone(match: string, wanted: number) {
    for (let limit = wanted + 1; ; limit *= 4) {
      const rows = await read.all<{ rowid: number; rank: number }>(
        `SELECT rowid, rank FROM note_text WHERE note_text MATCH ? AND rank MATCH 'bm25(${WEIGHTS})' ORDER BY rank LIMIT ?`,
        match,
        limit,
      );
      const last = rows.at(-1);
      if (!last || rows.length < limit || rows[wanted - 1]?.rank !== last.rank) return rows;
    }
  }

  async function noteRows(rows: readonly { rowid: number; rank: number }[]) {
    const found: Found[] = [];
    for (const { rowid, rank } of rows) {
      const note = await read.get<{ path: string; title: string }>('SELECT path, title FROM note WHERE id = ?', rowid);
      if (note) found.push({ ...note, content: null, score: -rank });
    }
    return found.sort((one, other) => other.score - one.score || (one.path < other.path ? -1 : 1));
  }

  async function withContent(found: readonly Found[]): Promise<Found[]> {
    return Promise.all(
      found.map(async (each) => {
        const row = await read.get<{ content: string | null }>(
          'SELECT content FROM note WHERE vault_id = ? AND path = ?',
          vaultId,
          each.path,
        );
        return { ...each, content: row?.content ?? null };
      }),
    );
  }

  async function findByText(match: string, offset: number, limit: number) {
    const ranked = await noteRows(await rankedAlone(match, offset + limit));
    const row = await read.get<{ total: number }>(
      'SELECT count(*) AS total FROM note_text WHERE note_text MATCH ?',
      match,
    );
    return { found: await withContent(ranked.slice(offset, offset + limit)), total: row?.total ?? 0 };
  }

  async function findFiltered(match: string | null, condition: Condition, offset: number, limit: number) {
    const from = match === null ? 'note' : `note_text JOIN note ON note.id = note_text.rowid AND note_text MATCH ?`;
    const rank = match === null ? '0.0' : `bm25(note_text, ${WEIGHTS})`;
    const values = match === null ? condition.values : [match, ...condition.values];
    const found = await read.all<{ path: string; title: string; rank: number }>(
      `SELECT note.path, note.title, ${rank} AS rank FROM ${from} WHERE ${condition.text}
       ORDER BY rank, note.path LIMIT ? OFFSET ?`,
      ...values,
      limit,
      offset,
    );
    const row = await read.get<{ total: number }>(
      `SELECT count(*) AS total FROM ${from} WHERE ${condition.text}`,
      ...values,
    );
    const rows = found.map(({ path, title, rank: score }) => ({ path, title, content: null, score: -score || 0 }));
    return { found: await withContent(rows), total: row?.total ?? 0 };
  }

  return {
    async add(sql, notes) {
      for (const { id, note } of notes) {
        await sql.run(
          'INSERT INTO note_text (rowid, title, headings, tags, body) VALUES (?, ?, ?, ?, ?)',
          id,
          tokenText([note.title, ...note.aliases].join(' ')),
          tokenText(note.headings.map(({ text }) => text).join(' ')),
          tokenText(note.tags.join(' ')),
          tokenText(note.content ?? ''),
        );
      }
    },
    async remove(sql, ids) {
      for (const id of ids) await sql.run('DELETE FROM note_text WHERE rowid = ?', id);
    },
    async clear(sql) {
      await sql.run('DELETE FROM note_text');
    },
    async find(query, folder, offset, limit) {
      const filtered = folder !== '' || query.tags.length > 0 || query.paths.length > 0;
      const match = query.terms.length > 0 ? toMatch(query) : null;
      if (match !== null && !filtered) return findByText(match, offset, limit);
      return findFiltered(match, conditions(query, folder, vaultId), offset, limit);
    },
  };
}
