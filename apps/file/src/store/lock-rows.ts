import { type Database, listOf, listTable, membersOf, oneOfList, type Sql } from '@weave-nn/database';
import type { Life } from './replica.ts';
import type { Mandate } from './transaction.ts';

/** The rows by which the processes that share a vault keep off each other's paths. */
export function createLockRows(database: Database, vaultId: string) {
  const list = listTable(database.provider);
  const listed = oneOfList(database.provider);

  async function insert(
    sql: Sql,
    { owner }: Life,
    keys: readonly string[],
    conflict: 'NOTHING' | 'UPDATE SET wanted = 1',
  ): Promise<Set<string>> {
    const rows = await sql.all<{ path: string; owner: string }>(
      `INSERT INTO path_lock (vault_id, path, owner, wanted)
       SELECT CAST(? AS TEXT), value ->> 0, CAST(? AS TEXT), 0 FROM ${list} WHERE true
       ON CONFLICT (vault_id, path) DO ${conflict} RETURNING path, owner`,
      vaultId,
      owner,
      listOf(keys.map((key) => [key])),
    );
    return new Set(rows.filter((row) => row.owner === owner).map(({ path }) => path));
  }

  return {
    /**
     * Takes keys in their order up to the first that another process has, and notes there that it is wanted: in one
     * statement, or a lock that is taken again and again for a short time would never be found taken. Nothing after it is taken: whoever waits holds only what comes before, so nobody waits in a circle.
     *
     * @param keys sorted
     * @returns how many were taken
     */
    async take(life: Life, keys: readonly string[]): Promise<number> {
      return database.transaction(async (sql) => {
        await life.fence(sql);
        const taken = await insert(sql, life, keys, 'UPDATE SET wanted = 1');
        const count = keys.findIndex((key) => !taken.has(key));
        if (count === -1) return keys.length;
        const tooMany = keys.slice(count).filter((key) => taken.has(key));
        if (tooMany.length > 0) {
          await sql.run(
            `DELETE FROM path_lock WHERE vault_id = ? AND owner = ? AND path ${listed}`,
            vaultId,
            life.owner,
            membersOf(tooMany),
          );
        }
        return count;
      });
    },

    /** Takes those keys that nobody has. */
    async takeFree(life: Life, keys: readonly string[]): Promise<ReadonlySet<string>> {
      return database.transaction(async (sql) => {
        await life.fence(sql);
        return insert(sql, life, keys, 'NOTHING');
      });
    },

    /** Whether somebody has a key and knows that it is wanted. */
    async isWanted(key: string): Promise<boolean> {
      const row = await database.read.get(
        'SELECT 1 AS found FROM path_lock WHERE vault_id = ? AND path = ? AND wanted = 1',
        vaultId,
        key,
      );
      return row !== undefined;
    },

    /**
     * Lets keys go, in the order in which they are taken, so that this and a taking never wait for each other.
     *
     * @returns those that another process waits for
     */
    async release({ owner }: Life, keys: readonly string[]): Promise<string[]> {
      const rows = await database.transaction((sql) =>
        sql.all<{ path: string; wanted: number }>(
          `WITH mine AS (SELECT path FROM path_lock WHERE vault_id = ? AND owner = ? AND path ${listed}
             ORDER BY path FOR UPDATE)
           DELETE FROM path_lock USING mine WHERE path_lock.vault_id = ? AND path_lock.path = mine.path
           RETURNING path_lock.path, path_lock.wanted`,
          vaultId,
          owner,
          membersOf(keys),
          vaultId,
        ),
      );
      return rows.flatMap(({ path, wanted }) => (wanted ? [path] : []));
    },

    /** Everybody who has a key. */
    async owners(): Promise<string[]> {
      const rows = await database.read.all<{ owner: string }>(
        'SELECT DISTINCT owner FROM path_lock WHERE vault_id = ?',
        vaultId,
      );
      return rows.map(({ owner }) => owner);
    },

    /** Lets everything go that dead processes had. */
    async releaseAll(mandate: Mandate, owners: readonly string[]): Promise<void> {
      if (owners.length === 0) return;
      await database.transaction(async (sql) => {
        await mandate.fence(sql);
        await sql.run(`DELETE FROM path_lock WHERE vault_id = ? AND owner ${listed}`, vaultId, membersOf(owners));
      });
    },
  };
}

export type LockRows = ReturnType<typeof createLockRows>;
