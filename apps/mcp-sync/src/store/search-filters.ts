import type { SqlValue } from '@weave-nn/database/sql';
import type { Condition, Term } from '../domain/query.ts';

/** A part of a statement's `WHERE`, and what its `?` stand for. */
export interface SqlCondition {
  text: string;
  values: SqlValue[];
}

/** The name of the file in `note.path_key`: what follows the last slash, on both databases. */
const FILE_KEY = `substr(note.path_key, length(rtrim(note.path_key, replace(note.path_key, '/', ''))) + 1)`;
const TAGGED = `EXISTS (SELECT 1 FROM tag WHERE tag.note_id = note.id AND (tag.tag_key = ? OR tag.tag_key LIKE ? ESCAPE '\\'))`;

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

/** All of some conditions, or any of them; `true` for none. */
export function joinSql(operator: 'AND' | 'OR', conditions: readonly SqlCondition[]): SqlCondition {
  if (conditions.length === 0) return { text: '1 = 1', values: [] };
  return {
    text: `(${conditions.map(({ text }) => text).join(` ${operator} `)})`,
    values: conditions.flatMap(({ values }) => values),
  };
}

/**
 * A condition on a row of `note`. Only folded texts are compared with `LIKE`, since it ignores case on SQLite and heeds
 * it on PostgreSQL.
 *
 * @param hasTerm what the database has for a note that has a term
 */
export function toSql(condition: Condition, hasTerm: (term: Term) => SqlCondition): SqlCondition {
  switch (condition.kind) {
    case 'all':
    case 'any':
      return joinSql(
        condition.kind === 'all' ? 'AND' : 'OR',
        condition.of.map((each) => toSql(each, hasTerm)),
      );
    case 'not': {
      const { text, values } = toSql(condition.of, hasTerm);
      return { text: `NOT ${text}`, values };
    }
    case 'term':
      return hasTerm(condition.term);
    case 'tag':
      return { text: TAGGED, values: [condition.value, `${escapeLike(condition.value)}/%`] };
    case 'path':
      return { text: `note.path_key LIKE ? ESCAPE '\\'`, values: [`%${escapeLike(condition.value)}%`] };
    case 'file':
      return { text: `${FILE_KEY} LIKE ? ESCAPE '\\'`, values: [`%${escapeLike(condition.value)}%`] };
  }
}

/** The notes of a vault, those in a folder and below it only when one is given. */
export function inFolder(folder: string, vaultId: string): SqlCondition {
  const vault = { text: 'note.vault_id = ?', values: [vaultId] };
  if (folder === '') return vault;
  const below = { text: 'note.path >= ? AND note.path < ?', values: [`${folder}/`, `${folder}/\u{10FFFF}`] };
  return joinSql('AND', [vault, below]);
}
