import type { Database, Sql } from './database.ts';

/** Milliseconds since 1970 by the server's clock, the only one that all who want a lease share. */
const NOW = 'CAST(extract(epoch FROM clock_timestamp()) * 1000 AS BIGINT)';
const FORGET_AFTER = 24 * 3_600_000;

/** Who has a lease, and since which change of owner. */
export interface LeaseHolder {
  owner: string;
  epoch: number;
}

/** A prefix as the right side of LIKE. */
function likePrefix(prefix: string): string {
  return `${prefix.replace(/[\\%_]/g, '\\$&')}%`;
}

/**
 * The rows of the table `lease` on PostgreSQL: `name TEXT PRIMARY KEY, owner TEXT, epoch BIGINT NOT NULL,
 * expires_at BIGINT NOT NULL`. A row without an owner is free.
 */
export function createLeaseRows(database: Database) {
  return {
    /**
     * Takes a lease that is free or whose time is over.
     *
     * @param duration milliseconds
     * @returns its new epoch, or for how many milliseconds another one still has it
     */
    async take(name: string, owner: string, duration: number): Promise<{ epoch: number } | { freeIn: number }> {
      const held = await database.read.get<{ remaining: number }>(
        `SELECT expires_at - ${NOW} AS remaining FROM lease WHERE name = ?`,
        name,
      );
      if (held && held.remaining > 0) return { freeIn: held.remaining };
      return database.transaction(async (sql) => {
        await sql.run(
          'INSERT INTO lease (name, owner, epoch, expires_at) VALUES (?, NULL, 0, 0) ON CONFLICT (name) DO NOTHING',
          name,
        );
        // FOR UPDATE waits for what the former owner still has open under its fence; an UPDATE alone would not.
        const free = await sql.get(
          `SELECT 1 AS found FROM lease WHERE name = ? AND expires_at <= ${NOW} FOR UPDATE`,
          name,
        );
        if (!free) return { freeIn: duration };
        const taken = await sql.get<{ epoch: number }>(
          `UPDATE lease SET owner = ?, epoch = epoch + 1, expires_at = ${NOW} + CAST(? AS BIGINT)
           WHERE name = ? RETURNING epoch`,
          owner,
          duration,
          name,
        );
        return { epoch: taken?.epoch ?? 0 };
      });
    },

    /** Has a lease for another while; false when it is somebody else's by now. */
    async renew(name: string, { owner, epoch }: LeaseHolder, duration: number): Promise<boolean> {
      const renewed = await database.transaction((sql) =>
        sql.run(
          `UPDATE lease SET expires_at = ${NOW} + CAST(? AS BIGINT) WHERE name = ? AND owner = ? AND epoch = ?`,
          duration,
          name,
          owner,
          epoch,
        ),
      );
      return renewed === 1;
    },

    /** Gives a lease back, so that the next need not wait for its end. */
    async release(name: string, { owner, epoch }: LeaseHolder): Promise<void> {
      await database.transaction((sql) =>
        sql.run(
          `UPDATE lease SET owner = NULL, expires_at = ${NOW} WHERE name = ? AND owner = ? AND epoch = ?`,
          name,
          owner,
          epoch,
        ),
      );
    },

    /**
     * Whether a lease still is its holder's; nobody gets it as long as the transaction is open. KEY SHARE, so that
     * renewals go on meanwhile. The server ends the transaction of a process that hangs in it for `duration`, or its
     * successor would wait for it.
     */
    async fence(sql: Sql, name: string, { owner, epoch }: LeaseHolder, duration: number): Promise<boolean> {
      const row = await sql.get(
        `SELECT set_config('idle_in_transaction_session_timeout', CAST(? AS TEXT), true) FROM lease
         WHERE name = ? AND owner = ? AND epoch = ? FOR KEY SHARE`,
        String(Math.ceil(duration)),
        name,
        owner,
        epoch,
      );
      return row !== undefined;
    },

    /** The epoch of a lease whose time is not over; undefined when nobody has it. */
    async epochOf(name: string): Promise<number | undefined> {
      const row = await database.read.get<{ epoch: number }>(
        `SELECT epoch FROM lease WHERE name = ? AND owner IS NOT NULL AND expires_at > ${NOW}`,
        name,
      );
      return row?.epoch;
    },

    /** Everybody who has a lease whose name begins with `prefix`, also those whose time is over. */
    async holders(prefix: string): Promise<LeaseHolder[]> {
      return database.read.all<LeaseHolder>(
        `SELECT owner, epoch FROM lease WHERE name LIKE ? ESCAPE '\\' AND owner IS NOT NULL`,
        likePrefix(prefix),
      );
    },

    /** Whether the time of any of them is over. */
    async anyLapsed(prefix: string): Promise<boolean> {
      const row = await database.read.get(
        `SELECT 1 AS found FROM lease
         WHERE name LIKE ? ESCAPE '\\' AND owner IS NOT NULL AND expires_at <= ${NOW} LIMIT 1`,
        likePrefix(prefix),
      );
      return row !== undefined;
    },

    /** Takes those away whose time is over, for good: who had one finds that out at its next fence. */
    async revokeLapsed(sql: Sql, prefix: string): Promise<void> {
      const names = likePrefix(prefix);
      await sql.all(
        `SELECT name FROM lease WHERE name LIKE ? ESCAPE '\\' AND owner IS NOT NULL AND expires_at <= ${NOW}
         ORDER BY name FOR UPDATE`,
        names,
      );
      await sql.run(
        `UPDATE lease SET owner = NULL, epoch = epoch + 1
         WHERE name LIKE ? ESCAPE '\\' AND owner IS NOT NULL AND expires_at <= ${NOW}`,
        names,
      );
      await sql.run(
        `DELETE FROM lease WHERE name LIKE ? ESCAPE '\\' AND owner IS NULL
         AND expires_at < ${NOW} - ${FORGET_AFTER}`,
        names,
      );
    },
  };
}

export type LeaseRows = ReturnType<typeof createLeaseRows>;
