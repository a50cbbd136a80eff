const LIMIT = 100;
const select = (condition: string, order: string) =>
  `SELECT * FROM task WHERE ${condition} ORDER BY ${order} LIMIT ${LIMIT}`;

/** The questions that are asked, as whoever has one table with the right indexes would ask them. */
export const bareQueries = [
  { kind: 'newest', sql: select('1', 'id DESC') },
  { kind: 'open', sql: select('completed = 0', 'due, id') },
  { kind: 'due', sql: select('completed = 0 AND due < ?', 'due, id') },
  { kind: 'status', sql: select('status = ?', 'id') },
  { kind: 'tag', sql: select('id IN (SELECT task_id FROM tag WHERE tag = ?)', 'id') },
  { kind: 'note', sql: select('path = ?', 'id') },
] as const;

export type TaskQueryKind = (typeof bareQueries)[number]['kind'];

/** The same as the query of `/v1/tasks`. */
export function ourQuery(kind: TaskQueryKind, value: string): string {
  const given = encodeURIComponent(value);
  switch (kind) {
    case 'newest':
      return 'sort=-createdAt';
    case 'open':
      return 'completed=false&sort=dueDate';
    case 'due':
      return `completed=false&dueBefore=${given}`;
    case 'status':
      return `status=${given}`;
    case 'tag':
      return `tag=${given}`;
    case 'note':
      return `path=${given}`;
  }
}
