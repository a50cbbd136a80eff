import type { Runtime } from '@weave-nn/config';
import { type EventBus, EventError, openAmqpBroker, openEmbeddedBroker, type Report } from '@weave-nn/events';
import { StartError } from '../errors.ts';
import type { ProcessSettings } from './process-settings.ts';

/**
 * Opens RabbitMQ where a server is named, the embedded broker otherwise.
 *
 * @throws StartError `broker-unreachable` when the server does not answer
 */
export async function openBus(
  settings: ProcessSettings,
  dataDir: string,
  runtime: Runtime,
  report: Report,
): Promise<EventBus> {
  const { RABBITMQ_URL: url, RABBITMQ_EXCHANGE: exchange, RABBITMQ_WAIT_MS: connectWithin } = settings;
  if (url === undefined) return openEmbeddedBroker({ file: `${dataDir}/broker.db`, runtime, report });
  // While nothing is connected nothing else keeps the process alive.
  const waiting = setInterval(() => {}, connectWithin);
  try {
    return await openAmqpBroker({ url, exchange, runtime, report, connectWithin });
  } catch (error) {
    if (error instanceof EventError) throw new StartError(error.code, error.message);
    throw error;
  } finally {
    clearInterval(waiting);
  }
}
