import type { Database } from '@weave-nn/database';
import { searchedTexts } from '../domain/indexed-note.ts';
import type { Query, Term } from '../domain/query.ts';
import { tokenText } from '../domain/tokens.ts';
import type { Found, SearchStore } from './search.ts';
import { type Condition, filtersOf } from './search-filters.ts';

/** How much a word counts in title and aliases, headings, tags, and text. */
const WEIGHTS = '10.0, 4.0, 3.0, 1.0';

function quote({ tokens, prefix }: Term): string {
  return `"${tokens.join(' ')}"${prefix ? ' *' : ''}`;
}

/** FTS5's own query language; every token is quoted, so that none is taken for an operator. */
function toMatch({ terms, excluded }: Query): string {
  const wanted = terms.map(quote).join(' AND ');
  return excluded.length > 0 ? `(${wanted}) NOT (${anyOf(excluded)})` : wanted;
}

function anyOf(terms: readonly Term[]): string {
  return terms.map(quote).join(' OR ');
}

/** FTS5 has no `NOT` by itself, so without words to find those excluded are one more filter. */
function withoutExcluded(condition: Condition, excluded: readonly Term[]): Condition {
  if (excluded.length === 0) return condition;
  return {
    text: `${condition.text} AND note.id NOT IN (SELECT rowid FROM note_text WHERE note_text MATCH ?)`,
    values: [...condition.values, anyOf(excluded)],
  };
}

/** Search over SQLite's FTS5. */
export function createFts5Store({ read }: Pick<Database, 'read'>, vaultId: string): SearchStore {
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
          ...searchedTexts(note).map(tokenText),
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
      const filters = filtersOf(query, folder, vaultId);
      if (query.terms.length === 0) return findFiltered(null, withoutExcluded(filters, query.excluded), offset, limit);
      const match = toMatch(query);
      return filtered ? findFiltered(match, filters, offset, limit) : findByText(match, offset, limit);
    },
  };
}
