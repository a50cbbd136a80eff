import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { startSystem, until } from '@weave-nn/testing';
import { beforeAll, describe, expect, test } from 'vitest';
import { services } from '../src/services.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const clientSpan = '00f067aa0ba902b7';
const kinds = ['unspecified', 'internal', 'server', 'client', 'producer', 'consumer'];

interface OtlpAttribute {
  key: string;
  value: { stringValue?: string; intValue?: number };
}

/** A request of OTLP over HTTP in JSON, as far as it is looked into. */
interface OtlpRequest {
  resourceSpans: {
    resource: { attributes: OtlpAttribute[] };
    scopeSpans: {
      scope: { name: string };
      spans: {
        traceId: string;
        spanId: string;
        parentSpanId?: string;
        name: string;
        kind: number;
        attributes: OtlpAttribute[];
        status: { code?: number };
      }[];
    }[];
  }[];
}

interface ReceivedSpan {
  service: unknown;
  traceId: string;
  id: string;
  parent: string | undefined;
  name: string;
  kind: string | undefined;
  attributes: Record<string, unknown>;
  failed: boolean;
}

function valuesOf(attributes: readonly OtlpAttribute[]): Record<string, unknown> {
  return Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue ?? value.intValue]));
}

function spansOf({ resourceSpans }: OtlpRequest): ReceivedSpan[] {
  return resourceSpans.flatMap(({ scopeSpans }) => {
    return scopeSpans.flatMap(({ scope: { name: service }, spans }) =>
      spans.map(({ traceId, spanId, parentSpanId, name, kind, attributes, status }) => ({
        service,
        traceId,
        id: spanId,
        parent: parentSpanId || undefined,
        name,
        kind: kinds[kind],
        attributes: valuesOf(attributes),
        failed: status.code === 2,
      })),
    );
  });
}

/** Takes traces as a collector does. */
async function startCollector() {
  const spans: ReceivedSpan[] = [];
  const server = createServer(async (request, response) => {
    if (request.url === '/v1/traces') spans.push(...spansOf((await json(request)) as OtlpRequest));
    response.setHeader('content-type', 'application/json').end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as { port: number };
  return {
    url: `http://127.0.0.1:${port}`,
    spans,
    stop() {
      server.closeAllConnections();
      server.close();
    },
  };
}

let spans: readonly ReceivedSpan[];
let events: { subject: string; traceparent: string }[];
let requestId: string | null;

/** What is written is sent at the latest when the processes stop, so that nothing is waited for. */
beforeAll(async () => {
  const collector = await startCollector();
  try {
    const system = await startSystem({
      definitions: services,
      files: { 'Found.md': 'there before\n' },
      environment: { OTEL_EXPORTER_OTLP_ENDPOINT: collector.url },
    });
    try {
      await system.settled();
      const written = await system.put('Garden.md', '# Beds\n', { traceparent: `00-${traceId}-${clientSpan}-01` });
      expect(written.status).toBe(201);
      requestId = written.headers.get('x-request-id');
      await system.settled();
      const log = await system.openDatabase('mcp-sync');
      await until('both events are in the log', async () => {
        const rows = await log.read.all<{ body: string }>('SELECT body FROM event_log');
        events = rows.map(({ body }) => JSON.parse(body));
        return events.length === 2;
      });
      await log.close();
    } finally {
      await system.stop();
    }
  } finally {
    collector.stop();
  }
  spans = collector.spans;
});

/** The one span of a trace that a service wrote under a name. */
function span(service: string, name: string, { trace = traceId, parent = '' } = {}): ReceivedSpan {
  const found = spans.filter(
    (each) =>
      each.traceId === trace && each.service === service && each.name === name && (!parent || each.parent === parent),
  );
  expect(found, `${service} ${name}`).toHaveLength(1);
  return found[0] as ReceivedSpan;
}

describe('the trace of a note that is written through the gateway', () => {
  test('begins with what the client sent', () => {
    expect(span('gateway', 'PUT /v1/files/*')).toMatchObject({
      parent: clientSpan,
      kind: 'server',
      attributes: { 'http.response.status_code': 201, 'weave.request_id': requestId },
      failed: false,
    });
  });

  test('goes on in the file service', () => {
    const forwarded = span('gateway', 'PUT file');
    const served = span('file', 'PUT /v1/files/*');
    expect(forwarded).toMatchObject({ parent: span('gateway', 'PUT /v1/files/*').id, kind: 'client' });
    expect(served).toMatchObject({
      parent: forwarded.id,
      kind: 'server',
      attributes: { 'weave.request_id': requestId },
    });
  });

  test('goes along with the event to those who consume it', () => {
    const served = span('file', 'PUT /v1/files/*');
    expect(events.find(({ subject }) => subject === 'Garden.md')).toMatchObject({
      traceparent: `00-${traceId}-${served.id}-01`,
    });
    expect(span('file', 'publish vault.file.created')).toMatchObject({ parent: served.id, kind: 'producer' });
    expect(span('mcp-sync', 'mcp-sync vault.file.created')).toMatchObject({ parent: served.id, kind: 'consumer' });
    expect(span('mcp-sync', 'event-log vault.file.created')).toMatchObject({ parent: served.id, kind: 'consumer' });
    expect(span('task', 'task vault.file.created')).toMatchObject({ parent: served.id, kind: 'consumer' });
    expect(span('git', 'git vault.file.created')).toMatchObject({ parent: served.id, kind: 'consumer' });
  });

  test.each(['mcp-sync', 'task'])('contains what the consumer of %s asks of other services', (service) => {
    const asked = span(service, 'POST file');
    expect(asked).toMatchObject({ parent: span(service, `${service} vault.file.created`).id, kind: 'client' });
    expect(span('file', 'POST /internal/files:read', { parent: asked.id })).toMatchObject({ kind: 'server' });
  });

  test('has nothing else in it', () => {
    expect(spans.filter((each) => each.traceId === traceId)).toHaveLength(12);
  });
});

describe('the trace of a file that was found on the disk', () => {
  test('begins where it was found', () => {
    const { traceparent = '' } = events.find(({ subject }) => subject === 'Found.md') ?? {};
    const [, trace = ''] = traceparent.split('-');
    const recorded = span('file', 'record changes', { trace });
    expect(recorded).toMatchObject({ parent: undefined, kind: 'internal' });
    expect(traceparent).toBe(`00-${trace}-${recorded.id}-01`);
    expect(span('file', 'publish vault.file.created', { trace }).parent).toBe(recorded.id);
  });
});

test('spans are not written for those who ask whether a service is there', () => {
  expect(spans.filter(({ name }) => /\/(health|ready|metrics)$/.test(name))).toEqual([]);
});
