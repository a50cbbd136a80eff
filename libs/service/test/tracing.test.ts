import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { fileContract } from '@weave-nn/clients';
import { Type } from '@weave-nn/config';
import { contractOf } from '@weave-nn/testing';
import type { FastifyRequest } from 'fastify';
import { afterAll, afterEach, expect, test, vi } from 'vitest';
import { createProcess, defineService, type WeaveProcess } from '../src/index.ts';
import { openLog } from '../src/telemetry/log.ts';

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736';
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`;

interface Line {
  msg: string;
  service?: string;
  trace_id?: string;
}

/** A log that is kept, a line each. */
function keepLog() {
  const lines: Line[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  return { lines, log: openLog({ level: 'debug', name: undefined }, destination) };
}

const common = { settings: Type.Object({}), statuses: {}, bodyLimit: 1024 };

/** A service in front that asks the file service, which says what trace it was asked in. */
const definitions = [
  defineService({
    ...common,
    contract: fileContract,
    create: () => ({
      routes(app) {
        app.get('/internal/status', async ({ headers, traceparent, log }: FastifyRequest) => {
          log.info('asked');
          return { received: headers.traceparent, traceparent, state: headers.tracestate ?? null };
        });
      },
    }),
  }),
  defineService({
    ...common,
    contract: contractOf('front'),
    facesClients: true,
    create: ({ clients }) => ({
      routes(app) {
        app.get('/', async ({ headers }) => ({
          asked: await clients.file.status(),
          state: headers.tracestate ?? null,
        }));
        app.get('/failing', async () => {
          throw new Error('on purpose');
        });
      },
    }),
  }),
];

let running: WeaveProcess | undefined;
const folder = mkdtempSync(join(tmpdir(), 'weave-service-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
afterEach(async () => {
  await running?.stop();
  vi.unstubAllEnvs();
});

async function start(environment: Record<string, string> = {}) {
  const { lines, log } = keepLog();
  running = await createProcess({
    definitions,
    version: 'test',
    environment: { DATA_DIR: folder, PORT: '0', ...environment },
    log,
  });
  const url = await running.start();
  return { url, lines, stop: running.stop };
}

const ask = async (url: string, headers: Record<string, string> = {}) =>
  (await (await fetch(url, { headers })).json()) as {
    asked: { received?: string; traceparent: string };
    state: string | null;
  };

test('a trace is passed on unchanged where nothing is recorded', async () => {
  const { url } = await start();
  expect(await ask(url, { traceparent, tracestate: 'a=1' })).toMatchObject({
    asked: { received: traceparent, traceparent },
    state: 'a=1',
  });
});

test('a request that belongs to no trace begins one, whatever it says', async () => {
  const { url } = await start();
  for (const headers of [{}, { traceparent: 'not-one', tracestate: 'a=1' }]) {
    const { asked, state } = await ask(url, headers);
    expect(asked.received).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
    expect(asked.traceparent).toBe(asked.received);
    expect(state).toBeNull();
  }
});

test('a request begins a trace where the SDK is disabled', async () => {
  vi.stubEnv('OTEL_SDK_DISABLED', 'true');
  const { url } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
  const { asked } = await ask(url);
  expect(asked.received).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/);
  expect(asked.traceparent).toBe(asked.received);
  expect((await ask(url, { traceparent })).asked.received).toBe(traceparent);
});

test('every log line of a request carries its trace', async () => {
  const { url, lines, stop } = await start();
  await ask(url, { traceparent });
  await fetch(`${url}/failing`, { headers: { traceparent } });
  await stop();
  const traced = lines.filter(({ trace_id }) => trace_id === traceId).map(({ msg, service }) => `${service}: ${msg}`);
  expect(traced.sort()).toEqual([
    'file: asked',
    'file: request',
    'front: request',
    'front: request',
    'front: unexpected error',
  ]);
});

test('a collector that is away disturbs nothing and is reported once', async () => {
  const { url, lines, stop } = await start({ OTEL_EXPORTER_OTLP_ENDPOINT: 'http://127.0.0.1:1' });
  const { asked } = await ask(url, { traceparent });
  expect(asked.traceparent).toContain(traceId);
  expect(asked.traceparent).not.toBe(asked.received);
  await stop();
  expect(lines.filter(({ msg }) => msg.startsWith('traces are lost'))).toHaveLength(1);
});

test('an endpoint that is no URL stops the start', async () => {
  await expect(start({ OTEL_EXPORTER_OTLP_ENDPOINT: 'collector:4318' })).rejects.toThrow(
    'OTEL_EXPORTER_OTLP_ENDPOINT: expected http://host:port, found "collector:4318"',
  );
});
