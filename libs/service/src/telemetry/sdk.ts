import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { NodeSDK } from '@opentelemetry/sdk-node';
import { BatchSpanProcessor, type SpanExporter } from '@opentelemetry/sdk-trace';
import { newSpanId, newTraceId, pause } from '@weave-nn/config';
import type { Report } from '@weave-nn/events';
import type { TelemetryOptions } from './options.ts';

/** Milliseconds for a batch, with the exporter's own retries. */
const EXPORT_TIMEOUT_MS = 2_000;
/** Milliseconds that a stop waits for the last batch. */
const FLUSH_TIMEOUT_MS = 2_500;
/** A consumer's batch may come from as many traces. */
const MAX_LINKS = 500;

/** Says once that spans do not arrive, and again only when some have arrived in between. */
function reportOnce(exporter: SpanExporter, report: Report) {
  let away = false;
  const reporting: SpanExporter = {
    export(spans, done) {
      exporter.export(spans, (result) => {
        if (result.error && !away) report('traces are lost, since they cannot be exported', result.error);
        away = result.error !== undefined;
        done(result);
      });
    },
    shutdown: () => exporter.shutdown(),
  };
  return { exporter: reporting, isAway: () => away };
}

/** Starts OpenTelemetry's SDK: it records the spans of the process and sends them to a collector in batches. */
export function startSdk(options: TelemetryOptions & { endpoint: string }) {
  const { endpoint, serviceName, version, runtime, report } = options;
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const { exporter, isAway } = reportOnce(new OTLPTraceExporter({ url, timeoutMillis: EXPORT_TIMEOUT_MS }), report);
  const sdk = new NodeSDK({
    serviceName,
    resource: resourceFromAttributes({ 'service.version': version }),
    autoDetectResources: false,
    spanProcessors: [new BatchSpanProcessor({ exporter })],
    spanLimits: { linkCountLimit: MAX_LINKS },
    idGenerator: { generateTraceId: () => newTraceId(runtime), generateSpanId: () => newSpanId(runtime) },
    // Metrics are read at /metrics, and logs from the output.
    metricReaders: [],
    logRecordProcessors: [],
    // `traceparent` is read and written where calls and events begin and end.
    textMapPropagator: null,
  });
  sdk.start();
  return {
    async close(): Promise<void> {
      // What goes wrong here has been reported when it was exported.
      const flushed = isAway() ? undefined : sdk.shutdown().catch(() => undefined);
      await Promise.race([flushed, pause(runtime, isAway() ? 0 : FLUSH_TIMEOUT_MS)]);
      trace.disable();
    },
  };
}
