import type { TaskComment } from '@weave-nn/clients';
import type { TaskComment as Row } from '../../prisma/generated/sqlite/client.ts';
import type { TaskDatabase } from './client.ts';
import type { Transaction } from './transaction.ts';

function toComment({ vaultId: _vault, mentions, ...comment }: Row): TaskComment {
  return { ...comment, mentions: JSON.parse(mentions) };
}

/** What is said about tasks. */
export function createCommentStore(database: TaskDatabase, vaultId: string) {
  const comments = async () => (await database.prisma()).taskComment;
  return {
    /** The comments of a task after one, the oldest first. */
    async list(taskId: string, after: string, limit: number): Promise<TaskComment[]> {
      const where = { taskId, id: { gt: after } };
      return (await (await comments()).findMany({ where, orderBy: { id: 'asc' }, take: limit })).map(toComment);
    },

    async find(id: string): Promise<TaskComment | undefined> {
      const row = await (await comments()).findFirst({ where: { id } });
      return row ? toComment(row) : undefined;
    },

    async add({ prisma }: Transaction, comment: TaskComment): Promise<void> {
      const mentions = JSON.stringify(comment.mentions);
      await prisma.taskComment.create({ data: { ...comment, vaultId, mentions } });
      await prisma.task.updateMany({ where: { id: comment.taskId }, data: { comments: { increment: 1 } } });
    },
  };
}

export type CommentStore = ReturnType<typeof createCommentStore>;
