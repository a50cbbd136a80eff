import { type Database, membersOf, oneOfList, type Sql } from '@weave-nn/database/sql';
import type { Query, Term } from '../domain/query.ts';
import { searchedTexts } from '../domain/searched-texts.ts';
import { tokenText } from '../domain/tokens.ts';
import type { Found, SearchStore } from './search.ts';
import { type Condition, filtersOf } from './search-filters.ts';

/** How much a word counts in title and aliases, headings, tags, and text. */
const WEIGHTS = '10.0, 4.0, 3.0, 1.0';

/** So many notes at once are large work, whose words wait for a rest to be merged. */
const MANY = 100;
/** Pages that are merged with a few notes: more than they add, so that no more and more parts have to be searched. */
const PAGES_WITH_FEW = 16;
/** The same at a rest, in a transaction of its own: ten milliseconds. */
const PAGES_AT_REST = 64;

async function mergePages(sql: Sql, pages: number): Promise<void> {
  await sql.run("INSERT INTO note_text (note_text, rank) VALUES ('merge', ?)", pages);
}

/**
 * Merges some of the parts that words were written in, of which a search looks into each.
 *
 * @returns whether there was anything to merge (https://www.sqlite.org/fts5.html#the_merge_command)
 */
export async function mergeAtRest(sql: Sql): Promise<boolean> {
  const changes = async () => (await sql.get<{ total: number }>('SELECT total_changes() AS total'))?.total ?? 0;
  const before = await changes();
  await mergePages(sql, PAGES_AT_REST);
  return (await changes()) - before >= 2;
}

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

/** A note that fits; the lower its rank, the better. */
interface Ranked {
  id: number;
  path: string;
  title: string;
  rank: number;
}

/** Search over SQLite's FTS5. */
export function createFts5Store({ read }: Pick<Database, 'read'>, vaultId: string): SearchStore {
  /**
   * Without filters the table is ranked by itself: not by FTS5's own `ORDER BY rank`, which sorts all that fits, where
   * SQLite keeps only the best. Rows that tie with the last one wanted are fetched as well, to order them by path.
   *
   * @returns the rows, and whether they are all that fit
   */
  async function rankedAlone(match: string, wanted: number) {
    for (let limit = wanted + 1; ; limit *= 4) {
      const rows = await read.all<Ranked>(
        `SELECT note.id, note.path, note.title, found.bm25 AS rank FROM (
           SELECT rowid, bm25(note_text, ${WEIGHTS}) AS bm25 FROM note_text WHERE note_text MATCH ? ORDER BY bm25 LIMIT ?
         ) AS found JOIN note ON note.id = found.rowid ORDER BY found.bm25`,
        match,
        limit,
      );
      const last = rows.at(-1);
      const isAll = rows.length < limit;
      if (!last || isAll || rows[wanted - 1]?.rank !== last.rank) return { rows, isAll };
    }
  }

  async function withContents(ranked: readonly Ranked[]): Promise<Found[]> {
    const rows = await read.all<{ id: number; content: string | null }>(
      `SELECT id, content FROM note WHERE id ${oneOfList('sqlite', 'BIGINT')}`,
      membersOf(ranked.map(({ id }) => id)),
    );
    const contents = new Map(rows.map(({ id, content }) => [id, content]));
    return ranked.map(({ id, path, title, rank }) => ({
      path,
      title,
      content: contents.get(id) ?? null,
      score: -rank || 0,
    }));
  }

  async function count(match: string): Promise<number> {
    const row = await read.get<{ total: number }>(
      'SELECT count(*) AS total FROM note_text WHERE note_text MATCH ?',
      match,
    );
    return row?.total ?? 0;
  }

  async function findByText(match: string, offset: number, limit: number) {
    const { rows, isAll } = await rankedAlone(match, offset + limit);
    const total = isAll ? rows.length : await count(match);
    const ranked = rows.sort((one, other) => one.rank - other.rank || (one.path < other.path ? -1 : 1));
    return { found: await withContents(ranked.slice(offset, offset + limit)), total };
  }

  async function findFiltered(match: string | null, condition: Condition, offset: number, limit: number) {
    const from = match === null ? 'note' : `note_text JOIN note ON note.id = note_text.rowid AND note_text MATCH ?`;
    const rank = match === null ? '0.0' : `bm25(note_text, ${WEIGHTS})`;
    const values = match === null ? condition.values : [match, ...condition.values];
    const found = await read.all<Ranked>(
      `SELECT note.id, note.path, note.title, ${rank} AS rank FROM ${from} WHERE ${condition.text}
       ORDER BY rank, note.path LIMIT ? OFFSET ?`,
      ...values,
      limit,
      offset,
    );
    const row = await read.get<{ total: number }>(
      `SELECT count(*) AS total FROM ${from} WHERE ${condition.text}`,
      ...values,
    );
    return { found: await withContents(found), total: row?.total ?? 0 };
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
      if (notes.length > 0 && notes.length < MANY) await mergePages(sql, PAGES_WITH_FEW);
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
