import { type Database, rowInsert, type Sql } from '@weave-nn/database';
import type { Delivery, Exchange, Message, Queue } from '../bus.ts';
import { EventError } from '../errors.ts';
import { keyMatches } from '../topology.ts';

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

function toRows({ id, key, body, headers }: Message, queues: readonly string[]) {
  const text = JSON.stringify(headers);
  return queues.map((queue) => [queue, id, key, body, text]);
}

/** The broker's tables: which queues there are, and the messages that are not settled. */
export function createMessageStore(database: Database) {
  const insert = rowInsert(database.provider, {
    table: 'message',
    columns: { queue: 'TEXT', id: 'TEXT', key: 'TEXT', body: 'TEXT', headers: 'TEXT' },
  });

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
      const route = createRoutes(exchange, known);
      const added = new Map<string, number>();
      const rows = messages.flatMap((message) => {
        const queues = route(message);
        for (const name of queues) added.set(name, (added.get(name) ?? 0) + 1);
        return toRows(message, queues);
      });
      await database.transaction((sql) => insert(sql, rows));
      return added;
    },

    /** Writes messages to one queue, all or none. */
    async addTo(queue: string, messages: readonly Message[]): Promise<void> {
      const rows = messages.flatMap((message) => toRows(message, [queue]));
      await database.transaction((sql) => insert(sql, rows));
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
            await sql.run('DELETE FROM message WHERE position IN (SELECT value FROM json_each(?))', positions);
          }
          if (limit === 0) return [];
          const rows = await sql.all<MessageRow>(
            `SELECT position, id, key, body, headers, delivered FROM message
           WHERE queue = ? AND position > ? ORDER BY position LIMIT ?`,
            queue,
            cursor,
            limit,
          );
          const first = rows[0];
          const last = rows.at(-1);
          if (first && last) {
            await sql.run(
              'UPDATE message SET delivered = 1 WHERE queue = ? AND position BETWEEN ? AND ? AND delivered = 0',
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
        'SELECT count(*) AS total FROM message WHERE queue = ?',
        queue,
      );
      return row?.total ?? 0;
    },
  };
}

export type MessageStore = ReturnType<typeof createMessageStore>;
