import type { Runtime } from '@weave-nn/config';
import type { Message, Publisher } from '../bus.ts';
import type { Report } from '../report.ts';
import { type Attempts, MAX_ATTEMPTS } from './attempts.ts';

/** Characters of an error that a dead letter carries: brokers bound the size of headers. */
const MAX_ERROR_LENGTH = 2_000;

/** The words of an error as they are kept with an event. */
export function describeError(error: unknown): string {
  const text = error instanceof Error ? `${error.name}: ${error.message}` : String(error);
  return text.slice(0, MAX_ERROR_LENGTH);
}

/** Makes what hands a message to the dead letters and only then forgets it. */
export function createDeadLettering(options: {
  consumer: string;
  queue: string;
  bus: Publisher;
  attempts: Attempts;
  runtime: Runtime;
  report: Report;
}) {
  const { consumer, queue, bus, attempts, runtime, report } = options;

  return async function deadLetter(message: Message, error: string, begun: number): Promise<void> {
    const tries = Math.min(begun, MAX_ATTEMPTS);
    const attempt = await attempts.find(message);
    const headers = {
      ...message.headers,
      'x-queue': queue,
      'x-consumer': consumer,
      'x-error': error || attempt?.error || 'each try ended the process or lost its connection',
      'x-attempts': String(tries),
      'x-first-at': new Date(attempt?.first_at ?? runtime.now()).toISOString(),
      'x-died-at': new Date(runtime.now()).toISOString(),
    };
    await bus.publish('dead', [{ ...message, headers }]);
    if (attempt) await attempts.forget([message]);
    report(`${consumer}: event ${message.id} (${message.key}) is now a dead letter after ${tries} tries`, error);
  };
}
