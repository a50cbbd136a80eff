import { fileURLToPath } from 'node:url';
import type { Runtime } from '@weave-nn/config';
import { migrate, openDatabase } from '@weave-nn/database';
import type { EventBus, Queue, Subscription } from '../bus.ts';
import { EventError, queueUnknown } from '../errors.ts';
import type { Report } from '../report.ts';
import { createListeners } from './listeners.ts';
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
  const { runtime, report } = options;
  const database = await openDatabase({ url: `file:${options.file}` });
  await migrate(database, { folder: migrations });
  const store = createMessageStore(database);
  const states = new Map<string, QueueState>();
  const subscriptions = new Set<Subscription>();
  const listeners = createListeners();
  let known: readonly Queue[] = [];
  let closing: Promise<void> | undefined;
  let closed = false;

  /** Takes queues into use all at once, so that nothing is published to one that has no state yet. */
  function adopt(queues: readonly Queue[], depths: ReadonlyMap<string, number>) {
    for (const { name } of queues) {
      if (!states.has(name)) states.set(name, createQueueState(name, store, runtime, report, depths.get(name) ?? 0));
    }
    known = queues;
  }
  const kept = await store.queues();
  const depths = await Promise.all(kept.map(async ({ name }) => [name, await store.count(name)] as const));
  adopt(kept, new Map(depths));

  function state(queue: string): QueueState {
    const found = states.get(queue);
    if (!found) throw queueUnknown(queue);
    return found;
  }
  function requireOpen(isOver: unknown = closed) {
    if (isOver) throw new EventError('broker-closed', 'the embedded broker is closed');
  }
  async function closeAll() {
    await Promise.all([...subscriptions].map((subscription) => subscription.cancel()));
    closed = true;
    await database.close();
  }

  return {
    async declare(queues) {
      requireOpen();
      adopt(await store.declare(queues), new Map());
    },
    async publish(exchange, messages) {
      requireOpen();
      if (messages.length === 0) return;
      for (const [queue, count] of await store.add(exchange, messages, known)) state(queue).added(count);
      if (exchange === 'events') listeners.tell(messages);
    },
    async send(queue, messages) {
      requireOpen();
      const { added } = state(queue);
      await store.addTo(queue, messages);
      added(messages.length);
    },
    async subscribe(queue, receive, { batch }) {
      requireOpen(closing);
      const subscription = state(queue).subscribe(receive, batch);
      subscriptions.add(subscription);
      return {
        async cancel() {
          await subscription.cancel();
          subscriptions.delete(subscription);
        },
      };
    },
    async listen(listening) {
      requireOpen(closing);
      const remove = listeners.add(listening);
      return { cancel: async () => remove() };
    },
    async depth(queue) {
      requireOpen();
      return state(queue).depth();
    },
    async check() {
      requireOpen();
      await database.check();
    },
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}
