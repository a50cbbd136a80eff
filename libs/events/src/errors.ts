export type EventErrorCode =
  | 'event-invalid'
  | 'event-unroutable'
  | 'event-type-unknown'
  | 'queue-unknown'
  | 'queue-differs'
  | 'broker-closed'
  | 'broker-unreachable'
  | 'broker-refused'
  | 'dependency-unavailable';

/** What goes wrong with events, with a stable code and a sentence to act on. */
export class EventError extends Error {
  readonly code: EventErrorCode;

  constructor(code: EventErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'EventError';
    this.code = code;
  }
}

/** The error of a queue that was not declared. */
export function queueUnknown(queue: string): EventError {
  return new EventError('queue-unknown', `no queue is called ${queue}; declare it first`);
}

/**
 * What a handler throws when the event is good but something it needs is away.
 * The consumer then waits and tries the same events again, without counting a try.
 */
export function dependencyUnavailable(dependency: string, cause: unknown): EventError {
  return new EventError('dependency-unavailable', `${dependency} does not answer`, { cause });
}
