import type { Runtime } from '@weave-nn/config';
import type { Report } from '../report.ts';
import type { Address } from './address.ts';
import { type Connection, connect } from './connection.ts';
import { keepConnected, type Link } from './link.ts';

/**
 * Two connections, since RabbitMQ reads nothing from one that publishes while its memory or disk run out: what frees
 * them, the settling of messages, must get through meanwhile.
 */
export interface Links {
  publishing: Link;
  consuming: Link;
}

/**
 * Opens both connections and keeps them.
 *
 * @param options.prepare done with each new connection that publishes, before anybody gets it
 */
export function openLinks(options: {
  amqp: typeof import('amqplib');
  address: Address;
  prepare: (connection: Connection) => Promise<void>;
  runtime: Runtime;
  report: Report;
}): Links {
  const { amqp, address, prepare, runtime, report } = options;
  const keep = (purpose: string, prepareEach: (connection: Connection) => Promise<void>) =>
    keepConnected({
      label: `${address.label} (${purpose})`,
      open: (signal) => connect({ amqp, address, purpose, runtime, report }, signal),
      prepare: prepareEach,
      runtime,
      report,
    });
  return { publishing: keep('publishing', prepare), consuming: keep('consuming', async () => undefined) };
}
