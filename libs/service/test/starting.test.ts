import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Type } from '@weave-nn/config';
import { contractOf } from '@weave-nn/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { createProcess, defineService, type WeaveProcess } from '../src/index.ts';

let folder: string;
let running: WeaveProcess;
let begun: PromiseWithResolvers<void>;
let mayGoOn: PromiseWithResolvers<void>;
let done: string[];

beforeEach(async () => {
  begun = Promise.withResolvers();
  mayGoOn = Promise.withResolvers();
  done = [];
  folder = mkdtempSync(join(tmpdir(), 'starting-test-'));
  const slow = defineService({
    contract: contractOf('front'),
    settings: Type.Object({}),
    statuses: {},
    bodyLimit: 1024,
    facesClients: true,
    create: () => ({
      routes: () => undefined,
      async start() {
        begun.resolve();
        await mayGoOn.promise;
        done.push('started');
      },
      async stop() {
        done.push('stopped');
      },
    }),
  });
  running = await createProcess({
    definitions: [slow],
    environment: { DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'silent' },
    version: 'test',
  });
});
afterEach(async () => {
  mayGoOn.resolve();
  await running.stop();
  rmSync(folder, { recursive: true });
});

const readiness = async () => (await running.mounted.get('front')?.app.inject('/ready'))?.json();

test('a process is not ready before its services have begun their work', async () => {
  const starting = running.start();
  await begun.promise;
  expect(await readiness()).toMatchObject({
    status: 'not-ready',
    dependencies: { process: { status: 'unavailable', detail: 'the process is starting' } },
  });
  mayGoOn.resolve();
  await starting;
  expect(await readiness()).toMatchObject({ status: 'ready' });
});

test('a process that is stopped while it starts ends what it began, and neither fails', async () => {
  const starting = running.start();
  await begun.promise;
  const stopping = running.stop();
  mayGoOn.resolve();
  await Promise.all([starting, stopping]);
  expect(done).toEqual(['started', 'stopped']);
});
