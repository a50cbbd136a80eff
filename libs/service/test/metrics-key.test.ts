import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { anyReader } from '@weave-nn/clients';
import { Type } from '@weave-nn/config';
import { contractOf } from '@weave-nn/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createProcess, defineService, type WeaveProcess } from '../src/index.ts';

const key = 'a-key-for-metrics-0123';
let folder: string;
let running: WeaveProcess | undefined;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'metrics-key-test-'));
});
afterEach(async () => {
  await running?.stop();
  running = undefined;
  rmSync(folder, { recursive: true });
});

/** Starts a service that callers reach and one that only services reach, and answers how to ask each. */
async function start(environment: Record<string, string>) {
  const definitions = ['inner', 'front'].map((name) =>
    defineService({
      contract: contractOf(name, { internalRoutes: { 'GET /work': anyReader } }),
      settings: Type.Object({}),
      statuses: {},
      bodyLimit: 1024,
      facesClients: name === 'front',
      create: () => ({ routes: (app) => void app.get('/work', async () => 'done') }),
    }),
  );
  running = await createProcess({
    definitions,
    version: 'test',
    environment: { DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'silent', ...environment },
  });
  const { mounted } = running;
  return async (service: string, url: string, authorization?: string) => {
    const headers = authorization === undefined ? {} : { authorization };
    return mounted.get(service)?.app.inject({ url, headers });
  };
}

describe.each(['inner', 'front'])('the metrics of the service %s', (service) => {
  test('are read by everybody without a setting', async () => {
    const ask = await start({});
    expect((await ask(service, '/metrics'))?.statusCode).toBe(200);
  });

  test.each([
    ['no key', undefined],
    ['another key', 'Bearer another-key-0123456'],
    ['a part of it', `Bearer ${key.slice(0, -1)}`],
    ['it and more', `Bearer ${key}0`],
    ['it in another scheme', `Basic ${key}`],
    ['nothing after the scheme', 'Bearer '],
  ])('are not read with %s where they have a key', async (_which, authorization) => {
    const ask = await start({ METRICS_API_KEY: key });
    const answer = await ask(service, '/metrics', authorization);
    expect(answer?.json()).toMatchObject({ status: 401, code: 'metrics-key-wrong' });
    expect(answer?.headers['www-authenticate']).toContain('Bearer');
    expect(answer?.payload).not.toContain(key);
  });

  test('are read with their key, and liveness and readiness without', async () => {
    const ask = await start({ METRICS_API_KEY: key });
    const answer = await ask(service, '/metrics', `Bearer ${key}`);
    expect(answer?.statusCode).toBe(200);
    expect(answer?.payload).toContain('weave_http_request_duration_seconds');
    expect((await ask(service, '/health'))?.statusCode).toBe(200);
    expect((await ask(service, '/ready'))?.statusCode).toBe(503);
  });
});

test('the key of the metrics opens nothing else', async () => {
  const ask = await start({ METRICS_API_KEY: key });
  expect((await ask('inner', '/work', `Bearer ${key}`))?.statusCode).toBe(401);
});

test('a key of the metrics that is too short stops the start', async () => {
  await expect(start({ METRICS_API_KEY: 'short' })).rejects.toThrow(/METRICS_API_KEY.*16/);
});
