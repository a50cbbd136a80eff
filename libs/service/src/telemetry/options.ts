import type { Runtime } from '@weave-nn/config';
import type { Report } from '@weave-nn/events';

export interface TelemetryOptions {
  /** The URL of an OTLP/HTTP collector; nothing is recorded when undefined. */
  endpoint: string | undefined;
  /** How the process calls itself. */
  serviceName: string;
  version: string;
  runtime: Runtime;
  report: Report;
}
