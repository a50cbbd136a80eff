import type { TaskComment } from '@weave-nn/clients';
import type { Database, Sql } from '@weave-nn/database';

interface CommentRow {
  id: string;
  task_id: string;
  author: string;
  body: string;
  mentions: string;
  created_at: string;
}

function toComment(row: CommentRow): TaskComment {
  const { id, task_id, author, body, mentions, created_at } = row;
  return { id, taskId: task_id, author, body, mentions: JSON.parse(mentions), createdAt: created_at };
}

/** What is said about tasks. */
export function createCommentStore(database: Database, vaultId: string) {
  return {
    /** The comments of a task after one, the oldest first. */
    async list(taskId: string, after: string, limit: number): Promise<TaskComment[]> {
      const rows = await database.read.all<CommentRow>(
        'SELECT * FROM task_comment WHERE task_id = ? AND id > ? ORDER BY id LIMIT ?',
        taskId,
        after,
        limit,
      );
      return rows.map(toComment);
    },

    async find(id: string): Promise<TaskComment | undefined> {
      const row = await database.read.get<CommentRow>('SELECT * FROM task_comment WHERE id = ?', id);
      return row && toComment(row);
    },

    async add(sql: Sql, { id, taskId, author, body, mentions, createdAt }: TaskComment): Promise<void> {
      await sql.run(
        `INSERT INTO task_comment (id, vault_id, task_id, author, body, mentions, created_at)
         VALUES (?, ?, ?, ?, ?, ?, ?)`,
        id,
        vaultId,
        taskId,
        author,
        body,
        JSON.stringify(mentions),
        createdAt,
      );
      await sql.run('UPDATE task SET comments = comments + 1 WHERE id = ?', taskId);
    },
  };
}

export type CommentStore = ReturnType<typeof createCommentStore>;
