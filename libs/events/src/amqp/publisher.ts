import type { Runtime } from '@weave-nn/config';
import type { Message } from '../bus.ts';
import { EventError } from '../errors.ts';
import { createConfirmations } from './confirmations.ts';
import type { Connection } from './connection.ts';
import { isDoneWithin, withDeadline } from './deadline.ts';
import { toEventError } from './failure.ts';
import type { Link } from './link.ts';
import type { Sender, Target } from './sender.ts';

/** Milliseconds for which publishing waits for a connection. */
const CONNECTED_WITHIN = 10_000;

/**
 * Creates what publishes. A message whose confirmation is lost with its connection rejects, and is not sent again from
 * here: who published it kept it, and knows better than this process after a crash would.
 *
 * @param options.open opens a channel for publishing
 */
export function createPublisher(options: {
  link: () => Link;
  open: (connection: Connection) => Promise<Sender>;
  runtime: Runtime;
}) {
  const { link, runtime } = options;
  const calls = new Set<Promise<void>>();
  let current: Sender | undefined;
  let opening: Promise<void> | undefined;

  async function openOn(connection: Connection): Promise<void> {
    current = await options.open(connection);
  }

  async function openedSender(): Promise<Sender> {
    const connection = await withDeadline(runtime, CONNECTED_WITHIN, (signal) => link().connected(signal));
    if (!current?.isOpen()) {
      opening ??= openOn(connection).finally(() => {
        opening = undefined;
      });
      await opening;
    }
    return current as Sender;
  }

  async function publishAll(target: Target, messages: readonly Message[]): Promise<void> {
    const sender = await openedSender();
    const confirmations = createConfirmations();
    for (const message of messages) {
      await sender.room();
      if (confirmations.hasFailed()) break;
      if (!sender.isOpen()) throw new EventError('broker-unreachable', 'RabbitMQ was lost while publishing');
      sender.send(target, message, confirmations.expect());
      // What follows a message that no queue wants must not be kept, so that a new key is tried alone.
      if (!sender.hasRoute(target, message.key)) await confirmations.answered();
    }
    await confirmations.answered();
  }

  return {
    /** Opens the channel on a new connection. */
    prepare: openOn,

    async publish(target: Target, messages: readonly Message[]): Promise<void> {
      const call = publishAll(target, messages);
      calls.add(call);
      try {
        await call;
      } catch (error) {
        throw toEventError(error, 'publishing');
      } finally {
        calls.delete(call);
      }
    },

    /** Waits for what is being published, a bounded time. */
    async settled(milliseconds: number): Promise<void> {
      await isDoneWithin(runtime, milliseconds, Promise.allSettled(calls));
    },
  };
}

export type AmqpPublisher = ReturnType<typeof createPublisher>;
