import { createSignal } from '@weave-nn/config';
import type { ConsumeMessage } from 'amqplib';
import type { Report } from '../report.ts';
import { closeChannel } from './channel.ts';
import type { Connection } from './connection.ts';
import { toEventError } from './failure.ts';

/** The most that AMQP can say (a short integer). */
const MAX_AHEAD = 65_535;

/** One consumer on a channel of its own, until either ends. */
export interface Session {
  /**
   * Waits until something has arrived and takes up to a batch of it; takes nothing when `signal` is aborted.
   *
   * @throws what ended it: RabbitMQ then has everything back that was not settled
   */
  take(signal: AbortSignal): Promise<readonly ConsumeMessage[]>;
  /** Settles what was taken. */
  settle(): void;
  /** Returns what is not settled to the queue, in its order, and ends. */
  giveBack(): Promise<void>;
  /** How many messages are here. */
  unsettled(): number;
  /** Resolves when what RabbitMQ has sent so far is here. */
  caughtUp(): Promise<void>;
}

/**
 * Starts to consume.
 *
 * @throws EventError `queue-unknown`
 */
export async function openSession(
  { model }: Connection,
  queue: string,
  batch: number,
  report: Report,
): Promise<Session> {
  const channel = await model.createChannel();
  const arrived: ConsumeMessage[] = [];
  const changed = createSignal();
  const ahead = Math.min(2 * batch, MAX_AHEAD);
  let taken: ConsumeMessage[] = [];
  let isOpen = true;
  let ended: Error | undefined;

  function end(reason: Error) {
    ended ??= reason;
    changed.notify();
  }
  channel.on('error', end);
  channel.once('close', () => {
    isOpen = false;
    end(new Error('its channel was closed'));
  });

  try {
    await channel.prefetch(ahead);
    await channel.consume(queue, (message) => {
      if (!message) return end(new Error('RabbitMQ cancelled it: the queue is gone or moves'));
      arrived.push(message);
      changed.notify();
    });
  } catch (error) {
    throw toEventError(error, `subscribing to ${queue}`);
  }

  return {
    async take(signal) {
      while (!ended && arrived.length === 0 && !signal.aborted) await changed.next(signal);
      if (signal.aborted) return [];
      if (ended) throw ended;
      taken = arrived.splice(0, batch);
      return taken;
    },
    settle() {
      const last = taken.at(-1);
      if (!last) return;
      if (ended) throw ended;
      channel.ack(last, true);
      taken = [];
    },
    async giveBack() {
      if (!isOpen) return;
      try {
        // Closing alone keeps the order. Cancelled first, RabbitMQ 3.10 returns what it is just sending before what is
        // here; and more than 32 that are refused by one request come again in any order.
        await closeChannel(channel);
      } catch (error) {
        report(`queue ${queue}: its channel was lost while it was closed; RabbitMQ has its messages back`, error);
      }
    },
    unsettled: () => taken.length + arrived.length,
    async caughtUp() {
      // Answered after every delivery that was sent before; when the channel is lost, nothing more will come.
      if (isOpen) await channel.prefetch(ahead).catch(() => undefined);
    },
  };
}
