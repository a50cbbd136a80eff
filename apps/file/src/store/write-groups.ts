import type { Runtime } from '@weave-nn/config';
import { type Database, membersOf, oneOfList, rowInsert, type Sql } from '@weave-nn/database';
import type { Intent, WriteGroup } from '../domain/write/write-group.ts';
import type { Life } from './replica.ts';
import type { Mandate } from './transaction.ts';

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
  /** JSON of `LeftLink[]`. */
  links_left: string;
  owner: string | null;
}

/** A group that a process left behind. */
export interface LeftGroup {
  group: WriteGroup;
  state: 'decided' | 'done';
  /** The process; null when it did not say. */
  owner: string | null;
}

interface IntentRow {
  group_id: string;
  kind: Intent['kind'];
  path: string;
  from_path: string | null;
  trash_path: string | null;
  temporary: string | null;
  aside: string | null;
  detached: number;
  hash_before: string | null;
  hash_after: string | null;
}

/** Groups of writes that were decided, and those whose replaced files are still watched. */
export function createWriteGroupStore(database: Database, vaultId: string, runtime: Runtime) {
  const insertIntents = rowInsert(database.provider, {
    table: 'write_intent',
    columns: {
      group_id: 'TEXT',
      ordinal: 'INTEGER',
      kind: 'TEXT',
      path: 'TEXT',
      from_path: 'TEXT',
      trash_path: 'TEXT',
      temporary: 'TEXT',
      aside: 'TEXT',
      detached: 'INTEGER',
      hash_before: 'TEXT',
      hash_after: 'TEXT',
    },
  });

  return {
    /** Decides a group: from here on it will be carried out, whatever happens. */
    async decide(group: WriteGroup, life: Life): Promise<void> {
      await database.transaction(async (sql) => {
        await life.fence(sql);
        await sql.run(
          `INSERT INTO write_group (id, vault_id, state, actor, client, request_id, origin, traceparent,
             idempotency_key, fingerprint, links_left, decided_at, owner) VALUES (?, ?, 'decided', ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)`,
          group.id,
          vaultId,
          group.author.actor,
          group.author.client,
          group.author.requestId,
          group.author.origin,
          group.author.traceparent,
          group.idempotency?.key ?? null,
          group.idempotency?.fingerprint ?? null,
          JSON.stringify(group.linksLeft),
          runtime.now(),
          life.owner,
        );
        await insertIntents(
          sql,
          group.intents.map((intent, ordinal) => [
            group.id,
            ordinal,
            intent.kind,
            intent.path,
            intent.from,
            intent.trash,
            intent.temporary,
            intent.aside,
            intent.detached ? 1 : 0,
            intent.hashBefore,
            intent.hashAfter,
          ]),
        );
      });
    },

    /**
     * Takes back a decision of which nobody knows whether it was committed, since the connection was lost meanwhile.
     * A file always says whether it was.
     */
    async withdraw({ id, author }: WriteGroup, life: Life): Promise<void> {
      if (database.provider === 'sqlite') return;
      await database.transaction(async (sql) => {
        await life.fence(sql);
        // Waits for a commit that is still on its way, which a DELETE alone would not see.
        await sql.run(
          `INSERT INTO write_group (id, vault_id, state, actor, origin, decided_at, owner)
           VALUES (?, ?, 'done', ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`,
          id,
          vaultId,
          author.actor,
          author.origin,
          runtime.now(),
          life.owner,
        );
        await sql.run('DELETE FROM write_group WHERE id = ?', id);
      });
    },

    /** Marks a group as carried out, in the transaction that records its effects. */
    async finish(sql: Sql, id: string): Promise<void> {
      await sql.run(`UPDATE write_group SET state = 'done' WHERE id = ?`, id);
    },

    /** Forgets a group once nothing of it is left on disk. */
    async forget(id: string, mandate: Mandate): Promise<void> {
      await database.transaction(async (sql) => {
        await mandate.fence(sql);
        await sql.run('DELETE FROM write_group WHERE id = ?', id);
      });
    },

    /**
     * Groups of processes that are dead: decided ones to carry out, done ones to tidy up.
     *
     * @param living asked after the groups were read: who decides one lives, and is known to before
     */
    async left(living: () => Promise<ReadonlySet<string>>): Promise<LeftGroup[]> {
      const groups = await database.read.all<GroupRow>(
        'SELECT * FROM write_group WHERE vault_id = ? ORDER BY decided_at, id',
        vaultId,
      );
      if (groups.length === 0) return [];
      const owners = await living();
      const left = groups.filter(({ owner }) => owner === null || !owners.has(owner));
      const intents = await database.read.all<IntentRow>(
        `SELECT * FROM write_intent WHERE group_id ${oneOfList(database.provider)}
         ORDER BY group_id, ordinal`,
        membersOf(left.map(({ id }) => id)),
      );
      return left.map((row) => ({
        group: toGroup(
          row,
          intents.filter((intent) => intent.group_id === row.id),
        ),
        state: row.state,
        owner: row.owner,
      }));
    },

    /** Everybody who has a group that is not forgotten yet; null for those who did not say. */
    async owners(): Promise<Set<string | null>> {
      const rows = await database.read.all<{ owner: string | null }>(
        'SELECT DISTINCT owner FROM write_group WHERE vault_id = ?',
        vaultId,
      );
      return new Set(rows.map(({ owner }) => owner));
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
    async prune(before: number, mandate: Mandate): Promise<void> {
      await database.transaction(async (sql) => {
        await mandate.fence(sql);
        await sql.run('DELETE FROM idempotency WHERE answered_at < ?', before);
      });
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
    linksLeft: JSON.parse(row.links_left),
    intents: intents.map((intent) => ({
      kind: intent.kind,
      path: intent.path,
      from: intent.from_path,
      trash: intent.trash_path,
      temporary: intent.temporary,
      aside: intent.aside,
      detached: intent.detached === 1,
      hashBefore: intent.hash_before,
      hashAfter: intent.hash_after,
    })),
  };
}

export type WriteGroupStore = ReturnType<typeof createWriteGroupStore>;
