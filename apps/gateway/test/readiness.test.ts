import { once } from 'node:events';
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Upstreams } from '@weave-nn/clients';
import { openUpstreams } from '@weave-nn/clients/remote';
import { systemRuntime } from '@weave-nn/config';
import { freePort } from '@weave-nn/testing';
import { afterEach, describe, expect, test } from 'vitest';
import { reachables } from '../src/routes/reach.ts';
import { createServiceChecks } from '../src/routes/service-checks.ts';
import { startGateway } from './fixture/gateway.ts';

const servers: Server[] = [];
const opened: Upstreams[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((each) => each.close()));
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** Starts a copy of a service, which answers `/ready` so. */
async function startCopy(listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  servers.push(server);
  await once(server, 'listening');
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

const copies = {
  ready: () =>
    startCopy((_request, response) => void response.end('{"status":"ready","version":"1","dependencies":{}}')),
  notReady: () =>
    startCopy((_request, response) => {
      const dependencies = {
        database: { status: 'ok' },
        vault: { status: 'unavailable', detail: 'the folder is not there' },
        broker: { status: 'unavailable', detail: 'it is away' },
      };
      response.writeHead(503).end(JSON.stringify({ status: 'not-ready', version: '1', dependencies }));
    }),
  silent: () => startCopy(() => undefined),
  garbled: () => startCopy((_request, response) => void response.end('<html>')),
  away: async () => `http://127.0.0.1:${await freePort()}`,
};

type Copy = keyof typeof copies;

/** Checks services in other processes; answers what came of each, as text. */
async function check(shape: Readonly<Record<string, readonly Copy[]>>): Promise<Record<string, unknown>> {
  const upstreams = new Map<string, Upstreams>();
  for (const [service, kinds] of Object.entries(shape)) {
    const urls = await Promise.all(kinds.map((kind) => copies[kind]()));
    upstreams.set(service, openUpstreams(service, urls, systemRuntime));
  }
  opened.push(...upstreams.values());
  const checks = createServiceChecks(reachables(new Map(), upstreams), ['file', 'mcp-sync'], systemRuntime);
  const found = Object.entries(checks).map(async ([name, ask]) => {
    const answer = await Promise.resolve(ask()).catch((error: Error) => `unavailable: ${error.message}`);
    return [name, answer] as const;
  });
  return Object.fromEntries(await Promise.all(found));
}

const lack = 'is not ready: vault: the folder is not there; broker: it is away';

describe('the readiness of the gateway, with services in other processes,', () => {
  test.each<[string, Copy[], string | undefined]>([
    ['that is ready', ['ready'], undefined],
    ['of which one copy is ready', ['away', 'notReady', 'silent', 'ready'], undefined],
    ['that is not ready', ['notReady'], `unavailable: ${lack}`],
    ['of which one copy answers', ['away', 'notReady'], `unavailable: ${lack}`],
    ['that takes no connections', ['away'], 'unavailable: does not answer (ECONNREFUSED)'],
    ['that does not answer', ['silent'], 'unavailable: does not answer within 1000 ms'],
  ])('names one %s', async (_which, kinds, expected) => {
    expect(await check({ file: kinds })).toEqual({ file: expected });
  });

  test('says that one is unavailable which answers something else', async () => {
    expect((await check({ file: ['garbled'] })).file).toMatch(/^unavailable: /);
  });

  test('is not ended by a service whose routes alone are refused without it', async () => {
    const found = await check({ file: ['ready'], task: ['notReady'], git: ['away'] });
    expect(found).toEqual({
      file: undefined,
      task: { degraded: lack },
      git: { degraded: 'does not answer (ECONNREFUSED)' },
    });
  });

  test('is known after a second, however many do not answer', async () => {
    const started = performance.now();
    await check({ file: ['silent', 'silent'], task: ['silent'], git: ['silent'], 'mcp-sync': ['silent'] });
    expect(performance.now() - started).toBeLessThan(1_900);
  });
});

test('a service in the same process that is not ready makes the gateway not ready, but not dead', async () => {
  const gateway = await startGateway({
    dependencies: { file: { vault: () => Promise.reject(new Error('it is away')) } },
  });
  try {
    const { status, json } = await gateway.call('/ready');
    expect(status).toBe(503);
    expect(json).toMatchObject({
      status: 'not-ready',
      dependencies: {
        database: { status: 'ok' },
        file: { status: 'unavailable', detail: 'is not ready: vault: it is away' },
        'mcp-sync': { status: 'ok' },
      },
    });
    expect((await gateway.call('/health')).status).toBe(200);
  } finally {
    await gateway.stop();
  }
});
