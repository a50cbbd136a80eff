import { endAfter, inSpan, type SpanAttributes, type Tracing } from '@weave-nn/config';
import type { AnyEvent } from './event.ts';

/** What is published: an event's row in the outbox. */
interface Published {
  event_id: string;
  type: string;
  body: string;
}

const SYSTEM = { 'messaging.system': 'weave-nn' };

/** Publishes events in spans, each under the span that its event was made in. */
export function tracePublishing(
  tracing: Tracing,
  rows: readonly Published[],
  publish: () => Promise<void>,
): Promise<void> {
  if (!tracing.records) return publish();
  const spans = rows.map(({ event_id, type, body }) =>
    tracing.begin(`publish ${type}`, {
      kind: 'producer',
      parent: (JSON.parse(body) as AnyEvent).traceparent ?? null,
      attributes: { ...SYSTEM, 'messaging.destination.name': type, 'messaging.message.id': event_id },
    }),
  );
  return endAfter(spans, publish);
}

/** What events of one trace are to their consumer, in the name and the attributes of its span. */
function consuming(consumer: string, events: readonly AnyEvent[]): { name: string; attributes: SpanAttributes } {
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

/**
 * Handles events in a span under the one that they were made in, as far as they belong together. A batch from several
 * traces is handled in a trace of its own, which a span in each of these is linked with.
 */
export function traceConsuming(
  tracing: Tracing,
  consumer: string,
  events: readonly AnyEvent[],
  handle: () => Promise<void>,
): Promise<void> {
  const kind = 'consumer';
  const byParent = Map.groupBy(events, ({ traceparent }) => traceparent ?? null);
  const [parent = null] = byParent.keys();
  const { name, attributes } = consuming(consumer, events);
  if (byParent.size <= 1) return inSpan(tracing, name, { kind, parent, attributes }, handle);
  const links = [...byParent.keys()].filter((each) => each !== null);
  return inSpan(tracing, name, { kind, parent: null, links, attributes }, ({ traceparent }) => {
    const parts = [...byParent].map(([parent, part]) => {
      const { name, attributes } = consuming(consumer, part);
      return tracing.begin(name, { kind, parent, links: [traceparent], attributes });
    });
    return endAfter(parts, handle);
  });
}
