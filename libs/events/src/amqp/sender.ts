import { createSignal } from '@weave-nn/config';
import type { Exchange, Message } from '../bus.ts';
import { EventError, queueUnknown } from '../errors.ts';
import type { Report } from '../report.ts';
import type { Connection } from './connection.ts';
import type { ExchangeNames } from './topology.ts';

/** Where a message goes: to the queues of an exchange that want its key, or to one queue. */
export type Target = { exchange: Exchange } | { queue: string };

/** One channel that publishes and is told what became of it. */
export interface Sender {
  isOpen(): boolean;
  /** Resolves when more can be sent, or the channel is closed. */
  room(): Promise<void>;
  /** Whether a message with this key has reached a queue before. */
  hasRoute(target: Target, key: string): boolean;
  /**
   * Sends one message.
   *
   * @param answered told once it is in every queue that wants it, or why it is not
   * @throws EventError `event-invalid` when AMQP has no room for its id, key or headers
   */
  send(target: Target, message: Message, answered: (failure?: EventError) => void): void;
}

function propertiesOf({ id, key, headers }: Message) {
  return { mandatory: true, persistent: true, messageId: id, type: key, contentType: 'application/json', headers };
}

/** Opens a channel for publishing. */
export async function openSender(connection: Connection, exchanges: ExchangeNames, report: Report): Promise<Sender> {
  const { model } = connection;
  const channel = await model.createConfirmChannel();
  const changed = createSignal();
  const returned = new Set<string>();
  const routes = new Set<string>();
  let isOpen = true;
  let isFull = false;
  let closedBy: unknown;
  /** The exchange without a name has every queue bound by the queue's name (AMQP 0-9-1, section 3.1.3.1). */
  const addressOf = (target: Target, key: string) =>
    'queue' in target
      ? { exchange: '', routingKey: target.queue }
      : { exchange: exchanges[target.exchange], routingKey: key };
  const routeOf = (target: Target, key: string) => {
    const { exchange, routingKey } = addressOf(target, key);
    return `${exchange}\n${routingKey}`;
  };
  const placeOf = ({ exchange, routingKey }: ReturnType<typeof addressOf>, id: string) =>
    `${exchange}\n${routingKey}\n${id}`;

  channel.on('return', ({ fields, properties }) => {
    returned.add(placeOf(fields, String(properties.messageId)));
  });
  channel.on('drain', () => {
    isFull = false;
    changed.notify();
  });
  channel.on('error', (error) => {
    closedBy = error;
    report('RabbitMQ closed the channel that publishes', error);
  });
  channel.once('close', () => {
    isOpen = false;
    model.off('unblocked', changed.notify);
    changed.notify();
  });
  model.on('unblocked', changed.notify);

  /** Reads the answer to a message: RabbitMQ sends it back first when no queue wants it, and then confirms it. */
  function failureOf(target: Target, { id, key }: Message, error: unknown): EventError | undefined {
    if (error === null) {
      if (!returned.delete(placeOf(addressOf(target, key), id))) {
        routes.add(routeOf(target, key));
        return undefined;
      }
      routes.delete(routeOf(target, key));
      if ('queue' in target) return queueUnknown(target.queue);
      return new EventError('event-unroutable', `no queue of ${exchanges[target.exchange]} wants ${key} (event ${id})`);
    }
    // The only way in which amqplib tells a refusal from a channel that was closed.
    if (error instanceof Error && error.message === 'message nacked') {
      const message = `RabbitMQ refuses event ${id} (${key}), since a queue is full; it is published again later`;
      return new EventError('broker-refused', message, { cause: error });
    }
    const message = `RabbitMQ was lost before it confirmed event ${id} (${key})`;
    return new EventError('broker-unreachable', message, { cause: closedBy ?? error });
  }

  return {
    isOpen: () => isOpen,
    async room() {
      while (isOpen && (isFull || connection.isBlocked())) await changed.next();
    },
    hasRoute: (target, key) => routes.has(routeOf(target, key)),
    send(target, message, answered) {
      const whenAnswered = (error: unknown) => answered(failureOf(target, message, error));
      const body = Buffer.from(message.body);
      try {
        const { exchange, routingKey } = addressOf(target, message.key);
        isFull = !channel.publish(exchange, routingKey, body, propertiesOf(message), whenAnswered);
      } catch (cause) {
        throw new EventError('event-invalid', `event ${message.id} (${message.key}) cannot be sent`, { cause });
      }
    },
  };
}
