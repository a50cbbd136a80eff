import { vi } from 'vitest';
import type { Delivery, EventBus, Message, Queue, Subscription } from '../../src/index.ts';

/** A bus under test. */
export interface Opened {
  bus: EventBus;
  /** Closes the bus and opens the same broker again, with what it has kept, as after a restart of the process. */
  reopen(): Promise<EventBus>;
  /** Closes whatever is open and removes what the broker has kept. */
  close(): Promise<void>;
}

export type OpenEventBus = () => Promise<Opened>;

/** The opened bus of the test that runs. */
export type Subject = () => Opened;

/** A queue that takes every event. */
export const allEvents: Queue = { name: 'all', exchange: 'events', patterns: ['#'] };

/** Messages with the ids `1`, `2`, … */
export function messages(count: number, key = 'note.changed', prefix = ''): Message[] {
  return Array.from({ length: count }, (_, index) => ({
    id: `${prefix}${index + 1}`,
    key,
    body: JSON.stringify({ number: index + 1 }),
    headers: {},
  }));
}

export const idsOf = (deliveries: readonly Delivery[]): string[] => deliveries.map(({ message }) => message.id);

/** Subscribes and keeps what comes. */
export async function collect(bus: EventBus, queue: string, batch = 10) {
  const deliveries: Delivery[] = [];
  const batches: number[] = [];
  const subscription: Subscription = await bus.subscribe(
    queue,
    async (some) => {
      deliveries.push(...some);
      batches.push(some.length);
    },
    { batch },
  );
  return { deliveries, batches, cancel: subscription.cancel };
}

/** Waits until what is claimed no longer throws. */
export function eventually(claim: () => void | Promise<void>): Promise<void> {
  return vi.waitFor(claim, { timeout: 15_000, interval: 10 });
}

/** Everything that a queue holds, settled by the taking: asks for one more message and takes until it comes. */
export async function drain(bus: EventBus, queue: string, sentinel: Message): Promise<Delivery[]> {
  await bus.publish('events', [sentinel]);
  const { deliveries, cancel } = await collect(bus, queue);
  await vi.waitUntil(() => deliveries.some(({ message }) => message.id === sentinel.id), { timeout: 15_000 });
  await cancel();
  return deliveries.filter(({ message }) => message.id !== sentinel.id);
}

/** A message that marks the end of what was published before it. */
export const sentinel: Message = { id: 'last', key: 'note.last', body: '{}', headers: {} };
