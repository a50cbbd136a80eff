import type { SqlValue } from '@weave-nn/database/sql';
import type { Query } from '../domain/query.ts';

/** A part of a statement's `WHERE`, and what its `?` stand for. */
export interface Condition {
  text: string;
  values: SqlValue[];
}

function escapeLike(text: string): string {
  return text.replace(/[\\%_]/g, '\\$&');
}

/**
 * Which notes a query's `tag:` and `path:` and a folder leave. Only folded texts are compared with `LIKE`, since it
 * ignores case on SQLite and heeds it on PostgreSQL.
 */
export function filtersOf(query: Query, folder: string, vaultId: string): Condition {
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
    parts.push(`note.path_key LIKE ? ESCAPE '\\'`);
    values.push(`%${escapeLike(path)}%`);
  }
  return { text: parts.join(' AND '), values };
}
