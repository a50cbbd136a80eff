import { type Database, rowInsert, type Sql } from '@weave-nn/database';
import type { Delivery, Exchange, Message, Queue } from '../bus.ts';
import { EventError } from '../errors.ts';
import { keyMatches } from '../routing-key.ts';

/** A message in a queue, by its place in it. */
export interface Stored extends Delivery {
  position: number;
}

interface MessageRow {
  position: number;
  id: string;
  key: string;
  body: string;
  headers: string;
  delivered: number;
}

/** Deliveries are in the order of their messages, so that what is older than that of the first one is settled by all. */
const FORGET_SETTLED = `DELETE FROM message WHERE number <
  coalesce((SELECT message FROM delivery ORDER BY position LIMIT 1), ${Number.MAX_SAFE_INTEGER})`;

/** Finds the queues that want a message; a batch has few different keys, so each is looked up once. */
function createRoutes(exchange: Exchange, known: readonly Queue[]) {
  const routes = new Map<string, string[]>();
  return ({ key, id }: Message): string[] => {
    let route = routes.get(key);
    if (!route) {
      route = known
        .filter((queue) => queue.exchange === exchange && queue.patterns.some((pattern) => keyMatches(pattern, key)))
        .map(({ name }) => name);
      routes.set(key, route);
    }
    if (route.length > 0) return route;
    throw new EventError('event-unroutable', `no queue of ${exchange} wants ${key} (event ${id})`);
  };
}

/** The broker's tables: which queues there are, what is in them, and the messages that are not settled by all. */
export function createMessageStore(database: Database) {
  const insertMessages = rowInsert(database.provider, {
    table: 'message',
    columns: { number: 'BIGINT', id: 'TEXT', key: 'TEXT', body: 'TEXT', headers: 'TEXT' },
  });
  /** Hands messages that come one after another to the same queues. */
  async function deliver(sql: Sql, queues: readonly string[], first: number, last: number): Promise<void> {
    await sql.run(
      `INSERT INTO delivery (queue, message)
       SELECT value, number FROM message CROSS JOIN json_each(?) WHERE number BETWEEN ? AND ? ORDER BY number`,
      JSON.stringify(queues),
      first,
      last,
    );
  }

  /** Writes each message once, and for each of its queues that it has to be handed out there. */
  async function insert(messages: readonly Message[], queuesOf: readonly (readonly string[])[]): Promise<void> {
    await database.transaction(async (sql) => {
      const row = await sql.get<{ seq: number }>(`SELECT seq FROM sqlite_sequence WHERE name = 'message'`);
      const first = (row?.seq ?? 0) + 1;
      await insertMessages(
        sql,
        messages.map(({ id, key, body, headers }, index) => [first + index, id, key, body, JSON.stringify(headers)]),
      );
      for (let start = 0; start < messages.length; ) {
        const queues = queuesOf[start] ?? [];
        let end = start + 1;
        while (end < messages.length && queuesOf[end] === queues) end++;
        await deliver(sql, queues, first + start, first + end - 1);
        start = end;
      }
    });
  }

  async function queues(sql: Sql = database.read): Promise<Queue[]> {
    const rows = await sql.all<{ name: string; exchange: Exchange; patterns: string }>('SELECT * FROM queue');
    return rows.map((row) => ({ ...row, patterns: JSON.parse(row.patterns) }));
  }

  return {
    queues,

    /** Makes or rebinds queues; answers all that there are then. */
    async declare(wanted: readonly Queue[]): Promise<Queue[]> {
      return database.transaction(async (sql) => {
        for (const { name, exchange, patterns } of wanted) {
          await sql.run(
            `INSERT INTO queue (name, exchange, patterns) VALUES (?, ?, ?)
             ON CONFLICT (name) DO UPDATE SET exchange = excluded.exchange, patterns = excluded.patterns`,
            name,
            exchange,
            JSON.stringify(patterns),
          );
        }
        return queues(sql);
      });
    },

    /** Writes each message to every queue that wants it, all or none; answers how many each queue got. */
    async add(exchange: Exchange, messages: readonly Message[], known: readonly Queue[]): Promise<Map<string, number>> {
      const routes = messages.map(createRoutes(exchange, known));
      await insert(messages, routes);
      const added = new Map<string, number>();
      for (const queue of routes.flat()) added.set(queue, (added.get(queue) ?? 0) + 1);
      return added;
    },

    /** Writes messages to one queue, all or none. */
    addTo(queue: string, messages: readonly Message[]): Promise<void> {
      const queues = [queue];
      return insert(
        messages,
        messages.map(() => queues),
      );
    },

    /**
     * Forgets what is settled and hands out what comes after `cursor`, marked as handed out before anybody sees it. A
     * loss of power may undo that; what is settled then comes again, which every consumer must stand anyway.
     */
    async settleAndTake(
      queue: string,
      settled: readonly Stored[],
      cursor: number,
      limit: number,
    ): Promise<readonly Stored[]> {
      return database.transaction(
        async (sql) => {
          if (settled.length > 0) {
            const positions = JSON.stringify(settled.map(({ position }) => position));
            await sql.run('DELETE FROM delivery WHERE position IN (SELECT value FROM json_each(?))', positions);
            await sql.run(FORGET_SETTLED);
          }
          if (limit === 0) return [];
          const rows = await sql.all<MessageRow>(
            `SELECT position, id, key, body, headers, delivered
             FROM delivery JOIN message ON message.number = delivery.message
             WHERE queue = ? AND position > ? ORDER BY position LIMIT ?`,
            queue,
            cursor,
            limit,
          );
          const first = rows[0];
          const last = rows.at(-1);
          if (first && last) {
            await sql.run(
              'UPDATE delivery SET delivered = 1 WHERE queue = ? AND position BETWEEN ? AND ? AND delivered = 0',
              queue,
              first.position,
              last.position,
            );
          }
          return rows.map(({ position, id, key, body, headers, delivered }) => ({
            position,
            redelivered: delivered > 0,
            message: { id, key, body, headers: JSON.parse(headers) },
          }));
        },
        { mayBeUndone: true },
      );
    },

    async count(queue: string): Promise<number> {
      const row = await database.read.get<{ total: number }>(
        'SELECT count(*) AS total FROM delivery WHERE queue = ?',
        queue,
      );
      return row?.total ?? 0;
    },
  };
}

export type MessageStore = ReturnType<typeof createMessageStore>;
