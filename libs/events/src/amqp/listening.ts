import { backoff, pause, type Runtime } from '@weave-nn/config';
import type { Listening, Subscription } from '../bus.ts';
import type { Report } from '../report.ts';
import { closeChannel } from './channel.ts';
import type { Connection } from './connection.ts';
import { toDelivery } from './delivery.ts';

const INITIAL_BACKOFF_MS = 200;
const MAX_BACKOFF_MS = 10_000;

/** What is open of one who listens. */
interface Ear {
  /** Resolves when it hears no more. */
  ended: Promise<void>;
  close(): Promise<void>;
}

/** Makes a queue of this connection's own and hears what comes there; gone with the connection. */
async function openEar(
  { model }: Connection,
  exchange: string,
  queue: string,
  { name, patterns, hear }: Listening,
  report: Report,
): Promise<Ear> {
  const channel = await model.createChannel();
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  let isOpen = true;
  channel.on('error', (error) => report(`${name}: RabbitMQ closed the channel that listens`, error));
  channel.once('close', () => {
    isOpen = false;
    end();
  });
  await channel.assertQueue(queue, { exclusive: true, autoDelete: true, durable: false });
  for (const pattern of patterns) await channel.bindQueue(queue, exchange, pattern);
  await channel.consume(
    queue,
    (message) => {
      if (message) hear([toDelivery(message).message]);
      else end();
    },
    { noAck: true },
  );
  return {
    ended,
    async close() {
      if (!isOpen) return;
      try {
        await closeChannel(channel);
      } catch (error) {
        report(`${name}: the channel that listened was lost while it was closed`, error);
      }
    },
  };
}

/**
 * Listens until it is cancelled, anew after each loss of the connection: under another name, since the former queue may
 * still be locked by a connection that RabbitMQ has not yet seen end.
 *
 * @param options.connected the connection; while there is none, waits for the next
 */
export async function startListening(options: {
  listening: Listening;
  exchange: string;
  connected: (signal: AbortSignal) => Promise<Connection>;
  runtime: Runtime;
  report: Report;
}): Promise<Subscription> {
  const { listening, exchange, connected, runtime, report } = options;
  const stop = new AbortController();
  const open = async () =>
    openEar(await connected(stop.signal), exchange, `${listening.name}.${runtime.uuid()}`, listening, report);
  let ear = await open();

  async function openAgain(): Promise<boolean> {
    for (let failures = 1; !stop.signal.aborted; failures++) {
      try {
        ear = await open();
        return true;
      } catch (error) {
        if (stop.signal.aborted) break;
        report(`${listening.name} receives nothing at the moment`, error);
        await pause(runtime, backoff(runtime, failures, INITIAL_BACKOFF_MS, MAX_BACKOFF_MS), stop.signal);
      }
    }
    return false;
  }

  async function work() {
    const { promise: stopped, resolve } = Promise.withResolvers<void>();
    stop.signal.addEventListener('abort', () => resolve(), { once: true });
    for (;;) {
      await Promise.race([ear.ended, stopped]);
      await ear.close();
      if (!(await openAgain())) return;
      listening.missed();
    }
  }
  const working = work();

  return {
    async cancel() {
      stop.abort();
      await working;
      await ear.close();
    },
  };
}
