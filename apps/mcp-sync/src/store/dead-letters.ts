import type { DeadLetterState } from '@weave-nn/clients';
import type { Database, Sql } from '@weave-nn/database';
import { exclusively } from '@weave-nn/events';
import { afterDeath, type DeadLetter, type News } from '../domain/dead-letter.ts';
import { bound, type DeadLetterRow, toLetter, toRow } from './dead-letter-rows.ts';

/** What letters are chosen by; what is left out chooses all. */
export interface DeadLetterFilter {
  queue?: string;
  consumer?: string;
  type?: string;
  state?: DeadLetterState;
}

/** A place in the list, which goes from the newest death on. */
export interface ListPosition {
  diedAt: string;
  id: string;
}

/** A replay that was sent, or why it never can be; then its letter is dead again. */
export interface SentReplay {
  letter: DeadLetter;
  refusal?: Error;
}

const PRUNED_AT_ONCE = 2_000;
/** No replay is under way, or nothing has been heard of it for long. */
const IDLE = `(state = 'dead' OR state = 'replaying' AND state_at < ?)`;
const SETTLED = `state IN ('replayed', 'superseded')`;

/** Dead letters of every consumer. */
export function createDeadLetterStore(database: Database, vaultId: string) {
  const { read } = database;
  /** SQLite has one writing transaction at a time. */
  const LOCK = database.provider === 'postgresql' ? 'FOR UPDATE' : '';

  async function findIn(sql: Sql, id: string, lock = ''): Promise<DeadLetter | undefined> {
    const row = await sql.get<DeadLetterRow>(
      `SELECT * FROM dead_letter WHERE vault_id = ? AND id = ? ${lock}`,
      vaultId,
      id,
    );
    return row && toLetter(row);
  }

  async function insertNew(sql: Sql, letter: DeadLetter): Promise<boolean> {
    const row = { ...toRow(letter), vault_id: vaultId, sent: 0 };
    const columns = Object.keys(row);
    const inserted = await sql.run(
      `INSERT INTO dead_letter (${columns.join(', ')}) VALUES (${columns.map(() => '?').join(', ')})
       ON CONFLICT (id) DO NOTHING`,
      ...Object.values(row),
    );
    return inserted > 0;
  }

  async function update(sql: Sql, letter: DeadLetter): Promise<void> {
    const { text, values } = bound({ ...toRow(letter) }, ', ');
    await sql.run(`UPDATE dead_letter SET ${text} WHERE id = ?`, ...values, letter.id);
  }

  async function keep(sql: Sql, news: News): Promise<void> {
    if (news.kind === 'outcome') {
      await sql.run(
        `UPDATE dead_letter SET state = ?, state_at = ? WHERE id = ? AND NOT ${SETTLED}`,
        news.outcome === 'applied' ? 'replayed' : 'superseded',
        news.at,
        news.id,
      );
      return;
    }
    if (await insertNew(sql, news.letter)) return;
    const known = await findIn(sql, news.letter.id, LOCK);
    if (known) await update(sql, afterDeath(known, news));
    // It was discarded in between.
    else await keep(sql, news);
  }

  return {
    /** Takes in news in their order; what is told twice counts once. */
    async add(news: readonly News[]): Promise<void> {
      await database.transaction(async (sql) => {
        for (const each of news) await keep(sql, each);
      });
    },

    /** How many are dead or being replayed. */
    async count(): Promise<number> {
      const row = await read.get<{ total: number }>(
        `SELECT count(*) AS total FROM dead_letter WHERE vault_id = ? AND state IN ('dead', 'replaying')`,
        vaultId,
      );
      return row?.total ?? 0;
    },

    /** Letters from a place on, the last that died first. */
    async list(filter: DeadLetterFilter, after: ListPosition | undefined, limit: number): Promise<DeadLetter[]> {
      const { text, values } = bound({ vault_id: vaultId, ...filter }, ' AND ');
      const rows = await read.all<DeadLetterRow>(
        `SELECT * FROM dead_letter WHERE ${text} ${after ? 'AND (died_at, id) < (?, ?)' : ''}
         ORDER BY died_at DESC, id DESC LIMIT ?`,
        ...values,
        ...(after ? [after.diedAt, after.id] : []),
        limit,
      );
      return rows.map(toLetter);
    },

    find: (id: string) => findIn(read, id),

    /**
     * Begins a replay of a letter that has none under way; it is sent later.
     *
     * @param idleSince ISO 8601: a replay of which nothing was heard since is no longer under way
     * @returns whether it was begun
     */
    async beginReplay(id: string, replay: string, now: string, idleSince: string): Promise<boolean> {
      const changed = await database.transaction((sql) =>
        sql.run(
          `UPDATE dead_letter SET state = 'replaying', state_at = ?, replay = ?, sent = 0
           WHERE vault_id = ? AND id = ? AND queue <> '' AND ${IDLE}`,
          now,
          replay,
          vaultId,
          id,
          idleSince,
        ),
      );
      return changed > 0;
    },

    /** Begins a replay of dead letters, the oldest events first; answers how many. */
    async beginReplays(filter: DeadLetterFilter, limit: number, replay: string, now: string): Promise<number> {
      const { text, values } = bound({ vault_id: vaultId, ...filter, state: 'dead' }, ' AND ');
      return database.transaction((sql) =>
        sql.run(
          `UPDATE dead_letter SET state = 'replaying', state_at = ?, replay = ?, sent = 0 WHERE id IN
             (SELECT id FROM dead_letter WHERE ${text} AND queue <> '' ORDER BY event_id, id LIMIT ? ${LOCK})`,
          now,
          replay,
          ...values,
          limit,
        ),
      );
    },

    /**
     * Hands out replays that were begun and not sent, the oldest events first, and keeps what became of them. One that
     * is sent again after a crash has the same id, by which its consumer knows it.
     *
     * @param send answers those it has dealt with; the others are handed out again
     * @returns how many were handed out; undefined when another process is at it
     */
    sendReplays(limit: number, now: string, send: (letters: DeadLetter[]) => Promise<SentReplay[]>) {
      return exclusively(database, `replays ${vaultId}`, async ({ read: sql, write }) => {
        const rows = await sql.all<DeadLetterRow>(
          `SELECT * FROM dead_letter WHERE vault_id = ? AND state = 'replaying' AND sent = 0
           ORDER BY event_id, id LIMIT ?`,
          vaultId,
          limit,
        );
        if (rows.length === 0) return 0;
        const sent = await send(rows.map(toLetter));
        await write(async (tx) => {
          for (const { letter, refusal } of sent) {
            await tx.run('UPDATE dead_letter SET sent = 1 WHERE id = ? AND replay = ?', letter.id, letter.replay);
            if (!refusal) continue;
            const death = { error: String(refusal), attempts: 0, firstAt: now, diedAt: now };
            await keep(tx, { kind: 'death', isTimed: true, letter: { ...letter, ...death } });
          }
        });
        return rows.length;
      });
    },

    /**
     * Deletes a letter that has no replay under way; answers whether there was one.
     *
     * @param idleSince as for `beginReplay`
     */
    async discard(id: string, idleSince: string): Promise<boolean> {
      const deleted = await database.transaction((sql) =>
        sql.run(
          `DELETE FROM dead_letter WHERE vault_id = ? AND id = ? AND (${SETTLED} OR ${IDLE})`,
          vaultId,
          id,
          idleSince,
        ),
      );
      return deleted > 0;
    },

    /** Deletes letters that have been settled since before a time (ISO 8601). */
    async prune(before: string): Promise<void> {
      for (let deleted = PRUNED_AT_ONCE; deleted === PRUNED_AT_ONCE; ) {
        deleted = await database.transaction((sql) =>
          sql.run(
            `DELETE FROM dead_letter WHERE id IN
               (SELECT id FROM dead_letter WHERE vault_id = ? AND ${SETTLED} AND state_at < ? LIMIT ?)`,
            vaultId,
            before,
            PRUNED_AT_ONCE,
          ),
        );
      }
    },
  };
}

export type DeadLetterStore = ReturnType<typeof createDeadLetterStore>;
