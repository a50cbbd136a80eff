import {
  SpanKind as OtelSpanKind,
  ROOT_CONTEXT,
  type SpanContext,
  SpanStatusCode,
  TraceFlags,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { defaultResource, resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor, type SpanExporter, TracerProvider } from '@opentelemetry/sdk-trace';
import {
  currentTraceparent,
  formatTraceparent,
  newSpanId,
  newTraceId,
  parseTraceparent,
  pause,
  type SpanKind,
  type Tracing,
} from '@weave-nn/config';
import type { Report } from '@weave-nn/events';
import type { Traces, TracesOptions } from './traces.ts';

/** Milliseconds for a batch, with the exporter's own retries. */
const LONGEST_EXPORT = 2_000;
/** Milliseconds that a stop waits for the last batch. */
const LONGEST_FLUSH = 2_500;
/** A consumer's batch may come from as many traces. */
const MOST_LINKS = 500;

const kinds: Readonly<Record<SpanKind, OtelSpanKind>> = {
  internal: OtelSpanKind.INTERNAL,
  server: OtelSpanKind.SERVER,
  client: OtelSpanKind.CLIENT,
  producer: OtelSpanKind.PRODUCER,
  consumer: OtelSpanKind.CONSUMER,
};

function spanContextOf(traceparent: string | null | undefined): SpanContext | undefined {
  const context = parseTraceparent(traceparent);
  if (!context) return undefined;
  const { traceId, spanId, sampled } = context;
  return { traceId, spanId, traceFlags: sampled ? TraceFlags.SAMPLED : TraceFlags.NONE, isRemote: true };
}

function createTracing(tracer: Tracer): Tracing {
  return {
    records: true,
    begin(name, { kind, parent = currentTraceparent(), links = [], attributes = {} }) {
      const above = spanContextOf(parent);
      const linked = links.map(spanContextOf).filter((context) => context !== undefined);
      const span = tracer.startSpan(
        name,
        { kind: kinds[kind], attributes, links: linked.map((context) => ({ context })) },
        above ? trace.setSpanContext(ROOT_CONTEXT, above) : ROOT_CONTEXT,
      );
      const { traceId, spanId, traceFlags } = span.spanContext();
      const sampled = (traceFlags & TraceFlags.SAMPLED) !== 0;
      return {
        traceparent: formatTraceparent({ traceId, spanId, sampled }),
        describe: (more) => void span.setAttributes(more),
        fail: (error) => void span.setStatus({ code: SpanStatusCode.ERROR, message: describeError(error) }),
        end: () => span.end(),
      };
    },
  };
}

function describeError(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

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

/** Records the spans of a process and sends them to a collector (OTLP over HTTP, in JSON) in batches. */
export function openOtlpTraces(options: TracesOptions & { endpoint: string }): Traces {
  const { endpoint, serviceName, version, runtime, report } = options;
  const { exporter, isAway } = reportOnce(
    new OTLPTraceExporter({ url: `${endpoint.replace(/\/+$/, '')}/v1/traces`, timeoutMillis: LONGEST_EXPORT }),
    report,
  );
  const processor = new BatchSpanProcessor({ exporter });

  return {
    of(service) {
      const resource = resourceFromAttributes({
        'service.name': serviceName ?? service,
        'service.version': version,
      });
      const provider = new TracerProvider({
        resource: defaultResource().merge(resource),
        idGenerator: { generateTraceId: () => newTraceId(runtime), generateSpanId: () => newSpanId(runtime) },
        spanLimits: { linkCountLimit: MOST_LINKS },
        spanProcessors: [processor],
      });
      return createTracing(provider.getTracer(service, version));
    },
    async close() {
      if (isAway()) return;
      // What goes wrong here has been reported when it was exported.
      const flushed = processor.shutdown().catch(() => undefined);
      await Promise.race([flushed, pause(runtime, LONGEST_FLUSH)]);
    },
  };
}
