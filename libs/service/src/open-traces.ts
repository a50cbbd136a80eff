import { createPropagation } from '@weave-nn/config';
import type { Traces, TracesOptions } from './traces.ts';

/** Opens the traces of a process; what records and exports them is only loaded where there is a collector. */
export async function openTraces({ endpoint, ...options }: TracesOptions): Promise<Traces> {
  if (endpoint === undefined) {
    const tracing = createPropagation(options.runtime);
    return { of: () => tracing, close: async () => undefined };
  }
  const { openOtlpTraces } = await import('./otlp-traces.ts');
  return openOtlpTraces({ endpoint, ...options });
}
