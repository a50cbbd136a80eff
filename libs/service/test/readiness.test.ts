import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemRuntime, Type } from '@weave-nn/config';
import { contractOf } from '@weave-nn/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createProcess, defineService, type WeaveProcess } from '../src/index.ts';

let folder: string;
let running: WeaveProcess;
let now: number;
let asked: number;
let isAway: boolean;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'readiness-test-'));
  now = 0;
  asked = 0;
  isAway = false;
  const service = defineService({
    contract: contractOf('front'),
    settings: Type.Object({}),
    statuses: {},
    bodyLimit: 1024,
    facesClients: true,
    create: () => ({
      routes: () => undefined,
      dependencies: {
        async engine() {
          asked++;
          if (isAway) throw new Error('it is away');
        },
      },
    }),
  });
  running = await createProcess({
    definitions: [service],
    environment: { DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'silent' },
    version: 'test',
    runtime: { ...systemRuntime, monotonic: () => now },
  });
  await running.start();
});
afterEach(async () => {
  await running.stop();
  rmSync(folder, { recursive: true });
});

const status = async () => (await running.mounted.get('front')?.app.inject('/ready'))?.statusCode;

test('a dependency that answers is asked once a second, however many want to know', async () => {
  for (let count = 0; count < 10; count++) expect(await status()).toBe(200);
  expect(asked).toBe(1);
  now = 1_000;
  expect(await status()).toBe(200);
  expect(asked).toBe(2);
});

test('a dependency that is away is asked each time, so that its return is seen at once', async () => {
  isAway = true;
  expect([await status(), await status()]).toEqual([503, 503]);
  isAway = false;
  expect(await status()).toBe(200);
});
