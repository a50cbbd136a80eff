import type { Runtime, Tracing } from '@weave-nn/config';
import type { Report } from '@weave-nn/events';

/** The traces of a process. */
export interface Traces {
  /** How the work of one of its services is traced. */
  of(service: string): Tracing;
  /** Sends what is recorded, as far as that does not keep the process from ending. */
  close(): Promise<void>;
}

export interface TracesOptions {
  /** The URL of an OTLP/HTTP collector; nothing is recorded when undefined. */
  endpoint: string | undefined;
  /** How every service calls itself; each by its own name when undefined. */
  serviceName: string | undefined;
  version: string;
  runtime: Runtime;
  report: Report;
}
