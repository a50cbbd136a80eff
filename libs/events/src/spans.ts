import {
  type Attributes,
  context,
  type Link,
  ROOT_CONTEXT,
  type Span,
  SpanKind,
  type Tracer,
  trace,
} from '@opentelemetry/api';
import { contextUnder, endAfter, inSpan, parseTraceparent, type Runtime } from '@weave-nn/config';
import type { AnyEvent } from './event.ts';

/** What is published: an event's row in the outbox. */
interface Published {
  event_id: string;
  type: string;
  body: string;
}

const SYSTEM = { 'messaging.system': 'weave-nn' };
const kind = SpanKind.CONSUMER;

/** Publishes events in spans, each under the span that its event was made in. */
export function tracePublishing(
  tracer: Tracer | undefined,
  rows: readonly Published[],
  publish: () => Promise<void>,
): Promise<void> {
  if (!tracer) return publish();
  const spans = rows.map(({ event_id, type, body }) => {
    const attributes = { ...SYSTEM, 'messaging.destination.name': type, 'messaging.message.id': event_id };
    const parent = contextUnder((JSON.parse(body) as AnyEvent).traceparent);
    return tracer.startSpan(`publish ${type}`, { kind: SpanKind.PRODUCER, attributes }, parent);
  });
  return endAfter(spans, publish);
}

/** What events of one trace are to their consumer, in the name and the attributes of its span. */
function consuming(consumer: string, events: readonly AnyEvent[]): { name: string; attributes: Attributes } {
  const types = new Set(events.map(({ type }) => type));
  return {
    name: `${consumer} ${types.size === 1 ? events[0]?.type : 'events'}`,
    attributes: {
      ...SYSTEM,
      'messaging.consumer.group.name': consumer,
      ...(events.length === 1
        ? { 'messaging.message.id': events[0]?.id ?? '' }
        : { 'messaging.batch.message_count': events.length }),
    },
  };
}

function linksTo(traceparents: Iterable<string | null>): Link[] {
  return [...traceparents].flatMap((each) => {
    const linked = parseTraceparent(each);
    return linked ? [{ context: linked }] : [];
  });
}

/**
 * Handles events in a span under the one that they were made in, as far as they belong together. A batch from several
 * traces is handled in a trace of its own, which a span in each of these is linked with.
 *
 * @param tracer undefined where nothing is recorded
 */
export function traceConsuming(
  tracer: Tracer | undefined,
  runtime: Runtime,
  consumer: string,
  events: readonly AnyEvent[],
  handle: () => Promise<void>,
): Promise<void> {
  const byParent = Map.groupBy(events, ({ traceparent }) => traceparent ?? null);
  const [only] = byParent.keys();
  const work = { ...consuming(consumer, events), kind };
  if (byParent.size <= 1) return inSpan(tracer, runtime, { ...work, parent: contextUnder(only) }, handle);
  const batch = { ...work, links: linksTo(byParent.keys()), parent: ROOT_CONTEXT };
  return inSpan(tracer, runtime, batch, () => {
    const own = trace.getSpanContext(context.active());
    const links = own ? [{ context: own }] : [];
    const parts: Span[] = [];
    for (const [parent, part] of tracer ? byParent : []) {
      const { name, attributes } = consuming(consumer, part);
      const span = tracer?.startSpan(name, { kind, links, attributes }, contextUnder(parent));
      if (span) parts.push(span);
    }
    return endAfter(parts, handle);
  });
}
