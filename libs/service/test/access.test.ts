import { fileContract, mcpSyncContract, type Role, type Scope } from '@weave-nn/clients';
import { systemRuntime, Type } from '@weave-nn/config';
import { temporaryFolder } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createIdentity, createProcess, defineService, type WeaveProcess } from '../src/index.ts';

const KEY = 'a-signing-key-for-tests-0123456789abcdef';
const identity = createIdentity(KEY, systemRuntime);
const data = temporaryFolder('data');
let running: WeaveProcess;
let url: string;

/** A service with routes like those of the file service, and one of mcp-sync that only administrators may ask for. */
const fileLike = defineService({
  contract: { ...fileContract, internalRoutes: { ...fileContract.internalRoutes, ...mcpSyncContract.internalRoutes } },
  settings: Type.Object({}),
  statuses: {},
  bodyLimit: 1024,
  create: () => ({
    routes(app) {
      const answer = { handler: async () => ({ done: true }) };
      app.get('/v1/files', answer);
      app.route({ method: ['GET', 'PUT', 'PATCH', 'POST', 'DELETE'], url: '/v1/files/*', ...answer });
      app.post('/v1/files::move', answer);
      app.post('/internal/files::read', answer);
      app.post('/internal/files::apply', answer);
      app.post('/internal/rebuild', answer);
      app.get('/internal/status', answer);
    },
  }),
});

beforeAll(async () => {
  running = await createProcess({
    definitions: [fileLike],
    version: 'test',
    environment: { DATA_DIR: data.path, PORT: '0', LOG_LEVEL: 'silent', SERVICE_SIGNING_KEY: KEY },
  });
  url = await running.start();
});
afterAll(async () => {
  await running.stop();
  data.remove();
});

async function ask(role: Role, scopes: Scope[], method: string, path: string) {
  const token = identity.sign('file', { id: 'key:test', role, scopes, client: null });
  const answer = await fetch(url + path, { method, headers: { 'x-weave-identity': token } });
  if (method === 'HEAD') return answer.status;
  const { code } = (await answer.json()) as { code?: string };
  return code ?? answer.status;
}

describe('a service that is asked without its gateway', () => {
  test.each<[Role, Scope[], string, string, string | number]>([
    ['reader', [], 'GET', '/v1/files', 200],
    ['reader', [], 'HEAD', '/v1/files', 200],
    ['reader', [], 'GET', '/v1/files/A.md', 200],
    ['reader', [], 'GET', '/v1/fil%65s/A.md', 200],
    ['reader', [], 'PUT', '/v1/files/A.md', 'role-too-low'],
    ['reader', [], 'PUT', '/v1/fil%65s/A.md', 'role-too-low'],
    ['reader', [], 'PATCH', '/v1/files/A.md', 'role-too-low'],
    ['reader', [], 'POST', '/v1/files/A.md', 'role-too-low'],
    ['reader', [], 'DELETE', '/v1/files/A.md', 'role-too-low'],
    ['reader', [], 'POST', '/v1/files:move', 'role-too-low'],
    ['reader', ['files:write'], 'PUT', '/v1/files/A.md', 'role-too-low'],
    ['editor', [], 'PUT', '/v1/files/A.md', 200],
    ['editor', ['files:write'], 'PUT', '/v1/files/A.md', 200],
    ['editor', ['files:write'], 'GET', '/v1/files/A.md', 'scope-missing'],
    ['editor', ['files:read'], 'PUT', '/v1/files/A.md', 'scope-missing'],
    ['admin', ['tasks:write'], 'POST', '/v1/files:move', 'scope-missing'],
    ['reader', [], 'GET', '/internal/status', 200],
    ['reader', ['events:read'], 'GET', '/internal/status', 200],
    ['reader', [], 'POST', '/internal/files:read', 200],
    ['reader', ['tasks:read'], 'POST', '/internal/files:read', 200],
    ['reader', ['events:read'], 'POST', '/internal/files:read', 'scope-missing'],
    ['reader', [], 'POST', '/internal/files:apply', 'role-too-low'],
    ['editor', [], 'POST', '/internal/files:apply', 200],
    ['editor', ['tasks:write'], 'POST', '/internal/files:apply', 200],
    ['editor', ['files:read'], 'POST', '/internal/files:apply', 'scope-missing'],
    ['editor', [], 'POST', '/internal/rebuild', 'role-too-low'],
    ['admin', ['files:write'], 'POST', '/internal/rebuild', 'scope-missing'],
    ['admin', [], 'POST', '/internal/rebuild', 200],
    ['reader', [], 'GET', '/v1/nothing', 'route-not-found'],
  ])('answers a %s with the scopes %j that asks %s %s: %s', async (role, scopes, method, path, expected) => {
    expect(await ask(role, scopes, method, path)).toBe(expected);
  });
});
