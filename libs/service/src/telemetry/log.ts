import { context, trace } from '@opentelemetry/api';
import type { Report } from '@weave-nn/events';
import type { FastifyBaseLogger } from 'fastify';
import { type DestinationStream, pino } from 'pino';

/** pino's redaction is a second line of defence: secrets aren't passed to the log in the first place. */
const redacted = ['req.headers.authorization', 'headers.authorization', '*.apiKey', '*.WEAVE_API_KEY', '*.token'];

/** Every line of what is done in a trace carries its id, under the name that OpenTelemetry gives it in logs. */
function traceFields(): object {
  const traceId = trace.getSpanContext(context.active())?.traceId;
  return traceId === undefined ? {} : { trace_id: traceId };
}

/**
 * Opens a process's log: JSON, a line each.
 *
 * @param options.name how the process calls itself
 * @param destination standard output when left out
 */
export function openLog(
  options: { level: string; name: string | undefined },
  destination?: DestinationStream,
): FastifyBaseLogger {
  const { level, name } = options;
  const settings = { level, redact: redacted, mixin: traceFields, ...(name === undefined ? {} : { name }) };
  return (destination ? pino(settings, destination) : pino(settings)) as FastifyBaseLogger;
}

/** Reports to a log: what went wrong as a warning, and that something is well again for information. */
export function reportTo(log: Pick<FastifyBaseLogger, 'info' | 'warn'>): Report {
  return (message, error) => (error === undefined ? log.info(message) : log.warn({ err: error }, message));
}
