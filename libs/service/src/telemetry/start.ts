import { type Tracer, trace } from '@opentelemetry/api';
import { followContexts } from '@weave-nn/config';
import type { TelemetryOptions } from './options.ts';

/** What a process tells of its work to a collector. */
export interface Telemetry {
  /** What the spans of one of its services are begun with; undefined where nothing is recorded. */
  tracerOf(service: string): Tracer | undefined;
  /** Sends what is recorded, as far as that does not keep the process from ending. */
  close(): Promise<void>;
}

/** Starts the telemetry of a process; the SDK is only loaded where there is a collector. */
export async function startTelemetry({ endpoint, ...options }: TelemetryOptions): Promise<Telemetry> {
  followContexts();
  if (endpoint === undefined) return { tracerOf: () => undefined, close: async () => undefined };
  const { startSdk } = await import('./sdk.ts');
  const sdk = startSdk({ endpoint, ...options });
  return { tracerOf: (service) => trace.getTracer(service, options.version), close: sdk.close };
}
