import { createPropagation, type Runtime, type Tracing } from '@weave-nn/config';
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

/** Opens the traces of a process; what records and exports them is only loaded where there is a collector. */
export async function openTraces({ endpoint, ...options }: TracesOptions): Promise<Traces> {
  if (endpoint === undefined) {
    const tracing = createPropagation(options.runtime);
    return { of: () => tracing, close: async () => undefined };
  }
  const { openOtlpTraces } = await import('./otlp-traces.ts');
  return openOtlpTraces({ endpoint, ...options });
}
