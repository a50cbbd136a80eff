import { EventError } from '../errors.ts';

/** The reply code with which RabbitMQ closes a channel (AMQP 0-9-1, section 1.2 of the reference). */
function replyCode(error: unknown): number | undefined {
  return error instanceof Error && 'code' in error && typeof error.code === 'number' ? error.code : undefined;
}

/**
 * Says in this library's errors what RabbitMQ said.
 *
 * @param doing what was being done, after "while"
 */
export function toEventError(error: unknown, doing: string): EventError {
  if (error instanceof EventError) return error;
  const cause = { cause: error };
  switch (replyCode(error)) {
    case 404:
      return new EventError('queue-unknown', `RabbitMQ has no such queue while ${doing}; declare it first`, cause);
    case 406:
      return new EventError(
        'queue-differs',
        `RabbitMQ has other settings while ${doing}; empty and delete what is there, it is then made anew`,
        cause,
      );
    case undefined:
      return new EventError('broker-unreachable', `RabbitMQ was lost while ${doing}; it is connected to again`, cause);
    default:
      return new EventError('broker-refused', `RabbitMQ refused while ${doing}; its log says more`, cause);
  }
}
