import type { Runtime } from '@weave-nn/config';
import type { Database, Sql } from '@weave-nn/database';
import type { Intent, WriteGroup } from '../domain/write-group.ts';

interface GroupRow {
  id: string;
  state: 'decided' | 'done';
  actor: string;
  client: string | null;
  request_id: string | null;
  origin: WriteGroup['author']['origin'];
  traceparent: string | null;
  idempotency_key: string | null;
  fingerprint: string | null;
}

interface IntentRow {
  kind: Intent['kind'];
  path: string;
  from_path: string | null;
  trash_path: string | null;
  temporary: string | null;
  aside: string | null;
  hash_before: string | null;
  hash_after: string | null;
}

/** Groups of writes that were decided, and those whose replaced files are still watched. */
export function createWriteGroupStore(database: Database, vaultId: string, runtime: Runtime) {
  return {
    /** Decides a group: from here on it will be carried out, whatever happens. */
    async decide(group: WriteGroup): Promise<void> {
      await database.transaction(async (sql) => {
        await sql.run(
          `INSERT INTO write_group (id, vault_id, state, actor, client, request_id, origin, traceparent,
             idempotency_key, fingerprint, decided_at) VALUES (?, ?, 'decided', ?, ?, ?, ?, ?, ?, ?, ?)`,
          group.id,
          vaultId,
          group.author.actor,
          group.author.client,
          group.author.requestId,
          group.author.origin,
          group.author.traceparent,
          group.idempotency?.key ?? null,
          group.idempotency?.fingerprint ?? null,
          runtime.now(),
        );
        for (const [ordinal, intent] of group.intents.entries()) {
          await sql.run(
            `INSERT INTO write_intent (group_id, ordinal, kind, path, from_path, trash_path, temporary, aside,
               hash_before, hash_after) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
            group.id,
            ordinal,
            intent.kind,
            intent.path,
            intent.from,
            intent.trash,
            intent.temporary,
            intent.aside,
            intent.hashBefore,
            intent.hashAfter,
          );
        }
      });
    },

    /** Marks a group as carried out, in the transaction that records its effects. */
    async finish(sql: Sql, id: string): Promise<void> {
      await sql.run(`UPDATE write_group SET state = 'done' WHERE id = ?`, id);
    },

    /** Forgets a group once nothing of it is left on disk. */
    async forget(id: string): Promise<void> {
      await database.transaction((sql) => sql.run('DELETE FROM write_group WHERE id = ?', id));
    },

    /** Groups that a process left behind: decided ones to carry out, done ones to tidy up. */
    async left(): Promise<{ group: WriteGroup; state: 'decided' | 'done' }[]> {
      const groups = await database.read.all<GroupRow>(
        'SELECT * FROM write_group WHERE vault_id = ? ORDER BY decided_at, id',
        vaultId,
      );
      return Promise.all(
        groups.map(async (row) => {
          const intents = await database.read.all<IntentRow>(
            'SELECT * FROM write_intent WHERE group_id = ? ORDER BY ordinal',
            row.id,
          );
          return { state: row.state, group: toGroup(row, intents) };
        }),
      );
    },

    /** The answer once given under an idempotency key. */
    async answered(key: string): Promise<{ fingerprint: string; answer: string } | undefined> {
      return database.read.get('SELECT fingerprint, answer FROM idempotency WHERE key = ?', key);
    },

    /** Keeps the answer given under an idempotency key, in the transaction of its effect. */
    async keepAnswer(sql: Sql, key: string, fingerprint: string, answer: string): Promise<void> {
      await sql.run(
        `INSERT INTO idempotency (key, fingerprint, answer, answered_at) VALUES (?, ?, ?, ?)
         ON CONFLICT (key) DO NOTHING`,
        key,
        fingerprint,
        answer,
        runtime.now(),
      );
    },

    /** Forgets answers older than `before` (milliseconds since 1970). */
    async prune(before: number): Promise<void> {
      await database.transaction((sql) => sql.run('DELETE FROM idempotency WHERE answered_at < ?', before));
    },
  };
}

function toGroup(row: GroupRow, intents: IntentRow[]): WriteGroup {
  return {
    id: row.id,
    author: {
      actor: row.actor,
      client: row.client,
      requestId: row.request_id,
      origin: row.origin,
      traceparent: row.traceparent,
    },
    idempotency: row.idempotency_key === null ? null : { key: row.idempotency_key, fingerprint: row.fingerprint ?? '' },
    intents: intents.map((intent) => ({
      kind: intent.kind,
      path: intent.path,
      from: intent.from_path,
      trash: intent.trash_path,
      temporary: intent.temporary,
      aside: intent.aside,
      hashBefore: intent.hash_before,
      hashAfter: intent.hash_after,
    })),
  };
}

export type WriteGroupStore = ReturnType<typeof createWriteGroupStore>;
