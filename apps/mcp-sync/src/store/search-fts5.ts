import { type Database, membersOf, oneOfList, type Sql } from '@weave-nn/database/sql';
import type { Condition, Term } from '../domain/query.ts';
import { searchedTexts } from '../domain/searched-texts.ts';
import { tokenText } from '../domain/tokens.ts';
import { inFolder, joinSql, type SqlCondition, toSql } from './search-filters.ts';
import type { Found, SearchStore } from './search-store.ts';

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

/**
 * A condition in FTS5's own query language, in which every token is quoted, so that none is taken for an operator.
 *
 * @returns null for what it cannot say: fields that are no text, and `NOT` without anything to find
 */
function matchOf(condition: Condition): string | null {
  switch (condition.kind) {
    case 'term':
      return quote(condition.term);
    case 'any': {
      const any = condition.of.map(matchOf);
      return any.includes(null) ? null : `(${any.join(' OR ')})`;
    }
    case 'all': {
      const { match, rest } = splitMatch(condition.of);
      return rest.length === 0 ? match : null;
    }
    default:
      return null;
  }
}

/** What of some conditions, all of which must hold, FTS5 can say, and what is left. */
function splitMatch(conditions: readonly Condition[]): { match: string | null; rest: Condition[] } {
  const wanted: string[] = [];
  const unwanted: string[] = [];
  const rest: Condition[] = [];
  const hasWanted = conditions.some((each) => matchOf(each) !== null);
  for (const condition of conditions) {
    const match = matchOf(condition);
    const negated = condition.kind === 'not' && hasWanted ? matchOf(condition.of) : null;
    if (match !== null) wanted.push(match);
    else if (negated !== null) unwanted.push(negated);
    else rest.push(condition);
  }
  if (wanted.length === 0) return { match: null, rest };
  const all = wanted.join(' AND ');
  return { match: unwanted.length > 0 ? `((${all}) NOT (${unwanted.join(' OR ')}))` : `(${all})`, rest };
}

function hasTerm(term: Term): SqlCondition {
  return { text: 'note.id IN (SELECT rowid FROM note_text WHERE note_text MATCH ?)', values: [quote(term)] };
}

/** Ranks notes of which some have none of the terms. */
function rankOf(terms: readonly Term[]): SqlCondition {
  if (terms.length === 0) return { text: '0.0', values: [] };
  const rank = `SELECT bm25(note_text, ${WEIGHTS}) FROM note_text WHERE note_text MATCH ? AND rowid = note.id`;
  return { text: `coalesce((${rank}), 0.0)`, values: [terms.map(quote).join(' OR ')] };
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

  async function findFiltered(from: string, rank: SqlCondition, where: SqlCondition, offset: number, limit: number) {
    const found = await read.all<Ranked>(
      `SELECT note.id, note.path, note.title, ${rank.text} AS rank FROM ${from} WHERE ${where.text}
       ORDER BY rank, note.path LIMIT ? OFFSET ?`,
      ...rank.values,
      ...where.values,
      limit,
      offset,
    );
    const row = await read.get<{ total: number }>(
      `SELECT count(*) AS total FROM ${from} WHERE ${where.text}`,
      ...where.values,
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
      const { match, rest } = splitMatch(query.conditions);
      if (match !== null && rest.length === 0 && folder === '') return findByText(match, offset, limit);
      const filters = joinSql('AND', [inFolder(folder, vaultId), ...rest.map((each) => toSql(each, hasTerm))]);
      if (match === null) return findFiltered('note', rankOf(query.terms), filters, offset, limit);
      const where = joinSql('AND', [{ text: 'note_text MATCH ?', values: [match] }, filters]);
      const rank = { text: `bm25(note_text, ${WEIGHTS})`, values: [] };
      return findFiltered('note_text JOIN note ON note.id = note_text.rowid', rank, where, offset, limit);
    },
  };
}
