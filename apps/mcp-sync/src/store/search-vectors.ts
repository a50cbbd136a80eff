import { type Database, listOf, listTable, membersOf, oneOfList, type SqlValue } from '@weave-nn/database/sql';
import type { Query, Term } from '../domain/query.ts';
import { searchedTexts } from '../domain/searched-texts.ts';
import { partsOf } from './parts.ts';
import { inFolder, joinSql, type SqlCondition, toSql } from './search-filters.ts';
import type { Found, SearchStore } from './search-store.ts';
import { vectorQueries, vectorsOf } from './text-vectors.ts';

/** How much a word counts in text, tags, headings, and title and aliases: as on SQLite. */
const WEIGHTS = `'{0.1, 0.3, 0.4, 1.0}'`;
/** Characters of vectors that one statement carries. */
const MAX_CHARACTERS = 4 * 1024 * 1024;

/** Each term may stand in another vector of the note, so each is looked for by itself. */
function hasTerm(term: Term): SqlCondition {
  const one = 'note.id IN (SELECT note_id FROM note_text_segment WHERE vector @@ CAST(? AS tsquery))';
  return joinSql(
    'AND',
    vectorQueries(term).map((query) => ({ text: one, values: [query] })),
  );
}

/** A note's rank is that of its best vector: were they added up, long notes would come before titles. */
function rankOf({ terms }: Query): SqlCondition {
  if (terms.length === 0) return { text: '0', values: [] };
  const any = terms
    .flatMap(vectorQueries)
    .map((each) => `(${each})`)
    .join(' | ');
  return {
    text: `(SELECT max(ts_rank(${WEIGHTS}, vector, CAST(? AS tsquery))) FROM note_text_segment WHERE note_id = note.id)`,
    values: [any],
  };
}

/** Search over PostgreSQL's text search vectors. */
export function createVectorStore(database: Pick<Database, 'provider' | 'read'>, vaultId: string): SearchStore {
  const { read } = database;
  const list = listTable(database.provider);

  /** A page, each note with how many there are in all. */
  async function page(
    condition: SqlCondition,
    rank: SqlCondition,
    window: SqlValue[],
  ): Promise<(Found & { total: number })[]> {
    return read.all(
      `SELECT note.path, note.title, note.content, found.score, found.total FROM (
         SELECT note.id, note.path, ${rank.text} AS score, count(*) OVER () AS total FROM note WHERE ${condition.text}
         ORDER BY score DESC, note.path LIMIT ? OFFSET ?
       ) AS found JOIN note ON note.id = found.id ORDER BY found.score DESC, note.path`,
      ...rank.values,
      ...condition.values,
      ...window,
    );
  }

  async function count({ text, values }: SqlCondition): Promise<number> {
    const row = await read.get<{ total: number }>(`SELECT count(*) AS total FROM note WHERE ${text}`, ...values);
    return row?.total ?? 0;
  }

  return {
    async add(sql, notes) {
      const rows = notes.flatMap(({ id, note }) =>
        [...vectorsOf(searchedTexts(note))].map((vector, ordinal) => [id, ordinal, vector] as const),
      );
      for (const part of partsOf(rows, MAX_CHARACTERS, ([, , vector]) => vector.length)) {
        await sql.run(
          `INSERT INTO note_text_segment (note_id, ordinal, vector)
           SELECT CAST(value ->> 0 AS BIGINT), CAST(value ->> 1 AS INTEGER), CAST(value ->> 2 AS tsvector) FROM ${list}`,
          listOf(part),
        );
      }
    },
    async remove(sql, ids) {
      await sql.run(
        `DELETE FROM note_text_segment WHERE note_id ${oneOfList(database.provider, 'BIGINT')}`,
        membersOf(ids),
      );
    },
    async clear(sql) {
      await sql.run('DELETE FROM note_text_segment WHERE note_id IN (SELECT id FROM note WHERE vault_id = ?)', vaultId);
    },
    async find(query, folder, offset, limit) {
      const wanted = query.conditions.map((each) => toSql(each, hasTerm));
      const condition = joinSql('AND', [inFolder(folder, vaultId), ...wanted]);
      const rows = await page(condition, rankOf(query), [limit, offset]);
      const found = rows.map(({ total: _, ...note }) => note);
      // Beyond the last page there is none that says how many there are.
      const total = rows[0]?.total ?? (offset === 0 ? 0 : await count(condition));
      return { found, total };
    },
  };
}
