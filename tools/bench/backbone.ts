import { join } from 'node:path';
import { systemRuntime } from '@weave-nn/config';
import { type Database, migrate, openDatabase, rowInsert } from '@weave-nn/database';
import {
  createOutbox,
  type EventBus,
  messagingMigrations,
  openAmqpBroker,
  openEmbeddedBroker,
  type Relay,
  startConsumer,
  startRelay,
} from '@weave-nn/events';
import { claimServers } from '@weave-nn/testing';

const APPEND_AT_ONCE = 1_000;
const KEEP = 3_600_000;
const QUEUE = 'bench';

/** What carries events from a change to its effect, without the services around it. */
export interface Backbone {
  /** Where RabbitMQ is, when it is used. */
  rabbitmq: string | undefined;
  /** Commits so many changes' events to the outbox. */
  append(count: number): Promise<void>;
  /** Starts to relay and to consume; the effect of each event is one row. */
  start(): Promise<Relay>;
  /** Resolves when so many events in all have taken effect. */
  applied(count: number): Promise<void>;
  remove(): Promise<void>;
}

function report(message: string, error: unknown) {
  throw new Error(message, { cause: error });
}

/** One event of a note that was saved, as the file service makes it. */
export function draft(index: number) {
  return {
    type: 'vault.file.updated',
    subject: `Folder/Note ${index}.md`,
    data: {
      actor: 'key:default',
      client: 'bench',
      requestId: `request-${index}`,
      vaultId: 'default',
      path: `Folder/Note ${index}.md`,
      hash: 'a'.repeat(64),
      previousHash: 'b'.repeat(64),
      size: 1_234,
      mtime: new Date(systemRuntime.now()).toISOString(),
      frontmatter: { tags: ['bench'] },
      origin: 'api',
    },
  } as const;
}

function createBackbone(database: Database, bus: EventBus): Omit<Backbone, 'rabbitmq' | 'remove'> & Closable {
  const outbox = createOutbox({ source: '/default/file', runtime: systemRuntime, provider: database.provider });
  const effect = rowInsert(database.provider, { table: 'effect', columns: { event_id: 'TEXT', path: 'TEXT' } });
  const common = { database, runtime: systemRuntime, report };
  const ends: (() => Promise<void>)[] = [];
  let made = 0;
  let done = 0;
  let look = () => undefined as unknown;

  return {
    async append(count) {
      for (let left = count; left > 0; left -= APPEND_AT_ONCE) {
        const drafts = Array.from({ length: Math.min(left, APPEND_AT_ONCE) }, () => draft(made++));
        await database.transaction((sql) => outbox.appendAll(sql, drafts));
      }
    },
    async start() {
      const consumer = await startConsumer({
        ...common,
        name: QUEUE,
        queue: QUEUE,
        bus,
        order: 'newest',
        handler: {
          prepare: async () => undefined,
          apply: (sql, events) =>
            effect(
              sql,
              events.map(({ id, subject }) => [id, subject]),
            ),
        },
        onApplied(events) {
          done += events.length;
          look();
        },
      });
      const relay = startRelay({ ...common, publisher: bus, retention: KEEP });
      ends.push(relay.stop, consumer.stop);
      return relay;
    },
    applied: (count) =>
      new Promise((resolve) => {
        look = () => done >= count && resolve();
        look();
      }),
    async close() {
      for (const end of ends) await end();
      await bus.close();
      await database.close();
    },
  };
}

interface Closable {
  close(): Promise<void>;
}

async function prepare(database: Database, bus: EventBus) {
  await migrate(database, { folder: messagingMigrations, table: 'schema_version_messaging' });
  await database.transaction((sql) =>
    sql.run('CREATE TABLE effect (event_id TEXT NOT NULL PRIMARY KEY, path TEXT NOT NULL)'),
  );
  await bus.declare([{ name: QUEUE, exchange: 'events', patterns: ['vault.file.*'] }]);
  return createBackbone(database, bus);
}

/** Over PostgreSQL and RabbitMQ, with a database and a virtual host of its own. */
export async function openServersBackbone(): Promise<Backbone> {
  const servers = await claimServers();
  const { RABBITMQ_URL: rabbitmq = '' } = servers.environment;
  const database = await openDatabase({ url: servers.databaseUrl, schema: 'bench' });
  const backbone = await prepare(database, await openAmqpBroker({ url: rabbitmq, runtime: systemRuntime, report }));
  return {
    ...backbone,
    rabbitmq,
    async remove() {
      await backbone.close();
      await servers.remove();
    },
  };
}

/** Over SQLite and the embedded broker, in files of a folder. */
export async function openEmbeddedBackbone(folder: string): Promise<Backbone> {
  const database = await openDatabase({ url: `file:${join(folder, 'service.db')}` });
  const file = join(folder, 'broker.db');
  const backbone = await prepare(database, await openEmbeddedBroker({ file, runtime: systemRuntime, report }));
  return { ...backbone, rabbitmq: undefined, remove: backbone.close };
}
