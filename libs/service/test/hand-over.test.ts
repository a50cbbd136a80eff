import { Type } from '@weave-nn/config';
import { contractOf, temporaryFolder } from '@weave-nn/testing';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { answerByReference, createProcess, defineService, type WeaveProcess } from '../src/index.ts';

const common = { settings: Type.Object({}), statuses: {}, bodyLimit: 1024 };
const answer = { unsent: 7 };
const folder = temporaryFolder('hand-over');
let running: WeaveProcess;
let url: string;

/** A service that hands its answer over, and is itself the one that listens. */
const definition = defineService({
  ...common,
  contract: contractOf('file'),
  facesClients: true,
  create: () => ({
    routes(app) {
      app.get(
        '/internal/status',
        { serializerCompiler: answerByReference, schema: { response: { 200: {} } } },
        async () => answer,
      );
    },
  }),
});

beforeAll(async () => {
  const environment = { DATA_DIR: folder.path, PORT: '0', LOG_LEVEL: 'silent', SERVICE_NAME: 'file' };
  running = await createProcess({ definitions: [definition], version: 'test', environment });
  url = await running.start();
});
afterAll(async () => {
  await running.stop();
  folder.remove();
});

test('a caller in the same process gets the very answer, without its going through JSON', async () => {
  expect(await running.clients.file.status()).toBe(answer);
});

test('a caller of the same route over HTTP gets it in JSON', async () => {
  const response = await fetch(`${url}/internal/status`);
  expect(await response.json()).toEqual(answer);
});
