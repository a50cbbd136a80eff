import type { TaskComment } from '@weave-nn/clients';
import type { Runtime } from '@weave-nn/config';
import type { Outbox } from '@weave-nn/events';
import { taskNotFound } from '../errors.ts';
import type { CommentStore } from '../store/comments.ts';
import type { Idempotency, RequestStore } from '../store/requests.ts';
import type { TaskStore } from '../store/tasks.ts';
import type { Statements, Transactions } from '../store/transaction.ts';
import type { Author } from './change/task-events.ts';
import { decodeIdCursor, encodeCursor } from './listing.ts';
import { storable } from './storable.ts';

const MENTION = /(?<![\p{L}\p{N}_@])@([\p{L}\p{N}](?:[\p{L}\p{N}._:-]*[\p{L}\p{N}_])?)/gu;
const MAX_MENTIONS = 100;

/** Who is named with an `@` in a text, each once; an address such as ana@example.org names nobody. */
export function mentionsIn(text: string): string[] {
  const names = [...text.matchAll(MENTION)].map(([, name]) => name as string);
  return [...new Set(names)].slice(0, MAX_MENTIONS);
}

export interface CommentsOptions {
  database: Transactions;
  tasks: TaskStore;
  comments: CommentStore;
  requests: RequestStore;
  outbox: Outbox;
  runtime: Runtime;
  onChanged(): void;
}

/** What people and agents say about tasks. */
export function createComments({ database, tasks, comments, requests, outbox, runtime, onChanged }: CommentsOptions) {
  async function assertLive(sql: Statements, id: string): Promise<void> {
    const [task] = await tasks.find(sql, [id]);
    if (task?.state !== 'live') throw taskNotFound(id);
  }

  return {
    /** One page, the oldest first; see `listing` for the errors. */
    async page(taskId: string, cursor: string | undefined, limit: number) {
      await assertLive(database.read, taskId);
      const found = await comments.list(taskId, decodeIdCursor(cursor), limit + 1);
      const items = found.slice(0, limit);
      return { items, nextCursor: found.length > limit ? encodeCursor(items.at(-1)?.id) : null };
    },

    /** @throws TaskError `task-not-found` */
    async add(taskId: string, body: string, author: Author, idempotency: Idempotency | null): Promise<TaskComment> {
      const [kept] = (idempotency && (await requests.answered(idempotency))) ?? [];
      const before = kept === undefined ? undefined : await comments.find(kept);
      if (before) return before;
      const text = storable(body);
      const comment: TaskComment = {
        id: runtime.uuid(),
        taskId,
        author: author.actor,
        body: text,
        mentions: mentionsIn(text),
        createdAt: new Date(runtime.now()).toISOString(),
      };
      await database.transaction(async (transaction) => {
        await assertLive(transaction.sql, taskId);
        await comments.add(transaction, comment);
        if (idempotency) await requests.keep(transaction, idempotency, [comment.id], runtime.now());
        const { id: commentId, body: said, mentions } = comment;
        await outbox.append(transaction.sql, {
          type: 'task.commented',
          subject: `${taskId}/comments`,
          data: { ...author, taskId, commentId, author: author.actor, body: said, mentions },
        });
      });
      onChanged();
      return comment;
    },
  };
}

export type Comments = ReturnType<typeof createComments>;
