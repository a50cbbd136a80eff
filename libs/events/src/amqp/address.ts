import type { Options } from 'amqplib';
import { EventError } from '../errors.ts';

/** Where RabbitMQ is. */
export interface Address {
  /** Host and port, as messages name it. */
  label: string;
  /** What is connected to, the password included. */
  options: Options.Connect;
}

/** Seconds between signs of life; two that are missed end a connection whose other side is gone without a word. */
const HEARTBEAT = 10;
const PORTS: Readonly<Record<string, number>> = { 'amqp:': 5672, 'amqps:': 5671 };

function refuse(): never {
  // Without a cause: the errors of URL carry the whole text, and so the password.
  throw new EventError('broker-unreachable', 'the address of RabbitMQ is no amqp:// or amqps:// URL');
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return refuse();
  }
}

/**
 * Reads the address of RabbitMQ (rabbitmq.com/docs/uri-spec); of the query only `heartbeat`, in seconds.
 *
 * @throws EventError `broker-unreachable` when it is none
 */
export function parseAddress(text: string): Address {
  if (!URL.canParse(text)) refuse();
  const url = new URL(text);
  const defaultPort = PORTS[url.protocol];
  if (!defaultPort || !url.hostname) refuse();
  const port = Number(url.port) || defaultPort;
  const credentials =
    url.username || url.password ? { username: decode(url.username), password: decode(url.password) } : {};
  return {
    label: `${url.hostname}:${port}`,
    options: {
      protocol: url.protocol.slice(0, -1),
      hostname: url.hostname.replace(/^\[|\]$/g, ''),
      port,
      // amqplib decodes this one itself.
      vhost: url.pathname.slice(1),
      heartbeat: Number(url.searchParams.get('heartbeat')) || HEARTBEAT,
      ...credentials,
    },
  };
}
