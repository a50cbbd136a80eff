import { fileURLToPath } from 'node:url';
import type { Runtime } from '@weave-nn/config';
import { migrate, openDatabase } from '@weave-nn/database';
import type { EventBus, Queue, Subscription } from '../bus.ts';
import { EventError } from '../errors.ts';
import type { Report } from '../report.ts';
import { createQueueState, type QueueState } from './queue.ts';
import { createMessageStore } from './store.ts';

const migrations = fileURLToPath(new URL('../../migrations/broker', import.meta.url));

/**
 * Opens the durable broker that lives in this process and one SQLite file.
 *
 * @param options.file absolute path of the file, made if missing; only one process may have it open
 * @param options.report told of batches that returned to their queue, and why
 */
export async function openEmbeddedBroker(options: {
  file: string;
  runtime: Runtime;
  report: Report;
}): Promise<EventBus> {
  const database = await openDatabase({ url: `file:${options.file}` });
  await migrate(database, { folder: migrations });
  const store = createMessageStore(database);
  const states = new Map<string, QueueState>();
  const subscriptions = new Set<Subscription>();
  let known: Queue[] = [];
  let closed = false;

  async function load() {
    known = await store.queues();
    for (const { name } of known) {
      if (!states.has(name)) {
        states.set(name, createQueueState(name, store, options.runtime, options.report, await store.count(name)));
      }
    }
  }
  await load();

  function state(queue: string): QueueState {
    const found = states.get(queue);
    if (!found) throw new EventError('queue-unknown', `no queue is called ${queue}; declare it first`);
    return found;
  }
  function open() {
    if (closed) throw new EventError('broker-closed', 'the embedded broker is closed');
  }

  return {
    async declare(queues) {
      open();
      await store.declare(queues);
      await load();
    },
    async publish(exchange, messages) {
      open();
      for (const [queue, count] of await store.add(exchange, messages, known)) state(queue).added(count);
    },
    async subscribe(queue, receive, { batch }) {
      open();
      const subscription = state(queue).subscribe(receive, batch);
      subscriptions.add(subscription);
      return {
        async cancel() {
          await subscription.cancel();
          subscriptions.delete(subscription);
        },
      };
    },
    async depth(queue) {
      return state(queue).depth();
    },
    async check() {
      open();
      await database.check();
    },
    async close() {
      if (closed) return;
      await Promise.all([...subscriptions].map((subscription) => subscription.cancel()));
      closed = true;
      await database.close();
    },
  };
}
