import type { ConsumeMessage } from 'amqplib';
import type { Delivery } from '../bus.ts';

/** What RabbitMQ adds to a dead letter that it made itself (rabbitmq.com/docs/dlx). */
interface BrokerDeath {
  'x-first-death-queue'?: unknown;
  'x-first-death-reason'?: unknown;
  'x-death'?: { time?: { value?: number } }[];
}

/** Says of such a dead letter what a consumer says of its own, so that both are read the same way. */
function describeDeath(headers: BrokerDeath): Record<string, string> {
  const queue = headers['x-first-death-queue'];
  if (typeof queue !== 'string') return {};
  const seconds = headers['x-death']?.[0]?.time?.value;
  return {
    'x-queue': queue,
    'x-error': `RabbitMQ gave it up: ${headers['x-first-death-reason']}`,
    ...(seconds === undefined ? {} : { 'x-died-at': new Date(seconds * 1_000).toISOString() }),
  };
}

/** Reads a message as RabbitMQ hands it out; of its headers, those that are text. */
export function toDelivery({ content, fields, properties }: ConsumeMessage): Delivery {
  const headers: Record<string, unknown> = properties.headers ?? {};
  const texts = Object.entries(headers).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  return {
    redelivered: fields.redelivered,
    message: {
      id: String(properties.messageId ?? ''),
      // What was sent to one queue has the queue's name there, also as a dead letter.
      key: typeof properties.type === 'string' && properties.type ? properties.type : fields.routingKey,
      body: content.toString(),
      headers: { ...describeDeath(headers), ...Object.fromEntries(texts) },
    },
  };
}
