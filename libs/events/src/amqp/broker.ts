import type { Runtime } from '@weave-nn/config';
import type { EventBus, Subscription } from '../bus.ts';
import { EventError } from '../errors.ts';
import type { Report } from '../report.ts';
import { parseAddress } from './address.ts';
import { withChannel } from './channel.ts';
import type { Connection } from './connection.ts';
import { isDoneWithin, withDeadline } from './deadline.ts';
import { toEventError } from './failure.ts';
import { type Links, openLinks } from './links.ts';
import { startListening } from './listening.ts';
import { createPublisher } from './publisher.ts';
import { openSender } from './sender.ts';
import { openSession } from './session.ts';
import { type AmqpSubscription, startSubscription } from './subscription.ts';
import { createTopology, nameExchanges } from './topology.ts';

const CONNECT_WITHIN = 30_000;
const CONNECTED_WITHIN = 10_000;
const ANSWERED_WITHIN = 5_000;
const PUBLISHED_WITHIN = 10_000;

/** What a lost connection returns counts as delivered once more, so that no more is in hand than pays. */
const MAX_AT_ONCE = 500;

export interface AmqpBrokerOptions {
  /** `amqp://user:password@host:port/vhost`, or `amqps://…`. */
  url: string;
  /** The exchange of the events; that of the dead letters is named after it. */
  exchange?: string;
  /** Milliseconds for which the first connection is tried. */
  connectWithin?: number;
  runtime: Runtime;
  /** Told of lost connections, and of batches that returned to their queue, and why. */
  report: Report;
}

/**
 * Connects to RabbitMQ, from 3.10 on. A lost connection is made again, with what was declared and subscribed to.
 *
 * Three things are as well as AMQP can say: `declare` binds, but cannot know and remove what an earlier version bound;
 * `depth` leaves out what other processes hold unsettled; what was sent ahead to a subscription that ends comes again
 * marked, though nobody was handed it.
 *
 * @throws EventError `broker-unreachable` when the address is wrong or nothing answers there in time
 */
export async function openAmqpBroker(options: AmqpBrokerOptions): Promise<EventBus> {
  const { runtime, report, connectWithin = CONNECT_WITHIN } = options;
  const address = parseAddress(options.url);
  const exchanges = nameExchanges(options.exchange ?? 'weave-nn.events');
  const topology = createTopology(exchanges);
  const subscriptions = new Set<AmqpSubscription>();
  const listening = new Set<Subscription>();
  let closing: Promise<void> | undefined;
  let closed = false;

  const publisher = createPublisher({
    link: () => links.publishing,
    async open(connection) {
      await topology.restore(connection.model);
      return openSender(connection, exchanges, report);
    },
    runtime,
  });
  // The embedded deployment has no use for amqplib, and so never loads it.
  const amqp = await import('amqplib');
  const links: Links = openLinks({ amqp, address, prepare: publisher.prepare, runtime, report });

  function requireOpen(isOver: unknown = closed) {
    if (isOver) throw new EventError('broker-closed', 'the connection to RabbitMQ is closed');
  }

  /** Does something on a connection as soon as there is one, and says in this library's errors what went wrong. */
  async function on<Result>(
    link: keyof Links,
    doing: string,
    work: (connection: Connection) => Promise<Result>,
    within = CONNECTED_WITHIN,
  ): Promise<Result> {
    try {
      return await work(await withDeadline(runtime, within, (signal) => links[link].connected(signal)));
    } catch (error) {
      throw toEventError(error, doing);
    }
  }

  async function closeLinks() {
    await Promise.all([links.publishing.close(), links.consuming.close()]);
  }
  async function closeAll() {
    await Promise.all([...subscriptions, ...listening].map((subscription) => subscription.cancel()));
    closed = true;
    await publisher.settled(PUBLISHED_WITHIN);
    await closeLinks();
  }

  /** A question to which there is always an answer, on both connections. */
  async function ask() {
    const models = [links.publishing.current().model, links.consuming.current().model];
    await Promise.all(models.map((model) => withChannel(model, async () => undefined)));
  }

  try {
    await on('publishing', 'connecting', async () => undefined, connectWithin);
    await on('consuming', 'connecting', async () => undefined, connectWithin);
  } catch (error) {
    await closeLinks();
    throw error;
  }

  return {
    async declare(queues) {
      requireOpen();
      await on('publishing', 'declaring', ({ model }) => topology.declare(model, queues));
    },
    async publish(exchange, messages) {
      requireOpen();
      if (messages.length > 0) await publisher.publish({ exchange }, messages);
    },
    async send(queue, messages) {
      requireOpen();
      if (messages.length > 0) await publisher.publish({ queue }, messages);
    },
    async subscribe(queue, receive, { batch }) {
      requireOpen(closing);
      const first = await on('consuming', `subscribing to ${queue}`, (connection) =>
        openSession(connection, queue, Math.min(batch, MAX_AT_ONCE), report),
      );
      if (closing) await first.giveBack();
      requireOpen(closing);
      const open = async (signal: AbortSignal) =>
        openSession(await links.consuming.connected(signal), queue, Math.min(batch, MAX_AT_ONCE), report);
      const subscription = startSubscription({ queue, first, open, receive, runtime, report });
      subscriptions.add(subscription);
      return {
        async cancel() {
          await subscription.cancel();
          subscriptions.delete(subscription);
        },
      };
    },
    async listen(wanted) {
      requireOpen(closing);
      const started = await on('consuming', `listening for ${wanted.name}`, () =>
        startListening({
          listening: wanted,
          exchange: exchanges.events,
          connected: (signal) => links.consuming.connected(signal),
          runtime,
          report,
        }),
      );
      listening.add(started);
      return {
        async cancel() {
          await started.cancel();
          listening.delete(started);
        },
      };
    },
    async depth(queue) {
      requireOpen();
      const ready = await on('consuming', `counting ${queue}`, ({ model }) =>
        withChannel(model, async (channel) => (await channel.checkQueue(queue)).messageCount),
      );
      const own = [...subscriptions].filter((subscription) => subscription.queue === queue);
      await Promise.all(own.map((subscription) => subscription.caughtUp()));
      return own.reduce((sum, subscription) => sum + subscription.unsettled(), ready);
    },
    async check() {
      requireOpen();
      try {
        if (await isDoneWithin(runtime, ANSWERED_WITHIN, ask())) return;
      } catch (error) {
        throw toEventError(error, 'being asked whether it answers');
      }
      throw new EventError('broker-unreachable', `RabbitMQ at ${address.label} does not answer in time`);
    },
    close() {
      closing ??= closeAll();
      return closing;
    },
  };
}
