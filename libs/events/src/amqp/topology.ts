import type { Channel, ChannelModel } from 'amqplib';
import type { Exchange, Queue } from '../bus.ts';
import { withChannel } from './channel.ts';
import { toEventError } from './failure.ts';

export type ExchangeNames = Readonly<Record<Exchange, string>>;

/** How often a message may be handed out before RabbitMQ itself makes a dead letter of it. */
const MAX_DELIVERIES = 50;
/** A dead letter has nowhere else to go and would be dropped; without any limit a refused one would lose its place. */
const MAX_DELIVERIES_OF_DEAD = 1_000_000;

/** Names both exchanges after that of the events: `weave-nn.events` has `weave-nn.dead` beside it. */
export function nameExchanges(events: string): ExchangeNames {
  return { events, dead: `${events.replace(/\.events$/, '')}.dead` };
}

function queueArguments(exchange: Exchange, exchanges: ExchangeNames) {
  const safe = { 'x-queue-type': 'quorum', 'x-overflow': 'reject-publish' };
  if (exchange === 'dead') return { ...safe, 'x-delivery-limit': MAX_DELIVERIES_OF_DEAD };
  return {
    ...safe,
    'x-delivery-limit': MAX_DELIVERIES,
    'x-dead-letter-exchange': exchanges.dead,
    'x-dead-letter-strategy': 'at-least-once',
  };
}

/** What is declared at RabbitMQ, and again on each new connection. */
export function createTopology(exchanges: ExchangeNames) {
  const declared = new Map<string, Queue>();

  async function assertQueue(channel: Channel, { name, exchange, patterns }: Queue): Promise<void> {
    try {
      await channel.assertQueue(name, { durable: true, arguments: queueArguments(exchange, exchanges) });
      for (const pattern of patterns) await channel.bindQueue(name, exchanges[exchange], pattern);
    } catch (error) {
      throw toEventError(error, `declaring the queue ${name}`);
    }
  }

  async function assertExchanges(channel: Channel): Promise<void> {
    for (const name of Object.values(exchanges)) {
      try {
        await channel.assertExchange(name, 'topic', { durable: true });
      } catch (error) {
        throw toEventError(error, `declaring the exchange ${name}`);
      }
    }
  }

  function assertAll(model: ChannelModel, queues: Iterable<Queue>): Promise<void> {
    return withChannel(model, async (channel) => {
      await assertExchanges(channel);
      for (const queue of queues) await assertQueue(channel, queue);
    });
  }

  return {
    /**
     * Makes what is missing.
     *
     * @throws EventError `queue-differs` when there is one of that name with other settings
     */
    async declare(model: ChannelModel, queues: readonly Queue[]): Promise<void> {
      await assertAll(model, queues);
      for (const queue of queues) declared.set(queue.name, queue);
    },
    /** Makes again what was declared before and is missing now. */
    restore: (model: ChannelModel): Promise<void> => assertAll(model, declared.values()),
  };
}

export type Topology = ReturnType<typeof createTopology>;
