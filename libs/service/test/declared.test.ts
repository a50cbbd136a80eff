import { anyReader, reads, topology } from '@weave-nn/clients';
import { Type } from '@weave-nn/config';
import { eventTypes, keyMatches } from '@weave-nn/events';
import { contractOf, temporaryFolder } from '@weave-nn/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { type App, createProcess, defineService, type Service } from '../src/index.ts';

const data = temporaryFolder('data');
afterAll(() => data.remove());

const declared = {
  routes: [{ path: '/v1/things', timeout: 1_000, needs: reads('files:read') }],
  internalRoutes: { 'POST /internal/things': anyReader },
  queues: [{ name: 'things', exchange: 'events', patterns: ['task.*'] }],
} as const;

function mount(service: Service) {
  const definition = defineService({
    contract: contractOf('things', declared),
    settings: Type.Object({}),
    statuses: {},
    bodyLimit: 1024,
    create: () => service,
  });
  const environment = {
    DATA_DIR: data.path,
    LOG_LEVEL: 'silent',
    SERVICE_SIGNING_KEY: 'a-key-for-tests-0123456789abcdef',
  };
  return createProcess({ definitions: [definition], version: 'test', environment });
}

const answer = { handler: async () => 'answered' };
const serves = (add: (app: App) => void): Service => ({ routes: add });

describe('a service that does what its contract does not declare is not mounted', () => {
  test.each<[string, Service, string]>([
    ['a path', serves((app) => app.get('/v1/others', answer)), 'serves GET /v1/others,'],
    ['a path that begins alike', serves((app) => app.get('/v1/things-too', answer)), 'serves GET /v1/things-too,'],
    ['a method', serves((app) => app.put('/v1/things/:id', answer)), 'serves PUT /v1/things/:id,'],
    ['an internal route', serves((app) => app.get('/internal/things', answer)), 'serves GET /internal/things,'],
    [
      'a queue',
      { routes: () => undefined, consumers: [{ queue: 'others', consumer: 'x' } as never] },
      'consumes the queue others,',
    ],
  ])('%s', async (_, service, message) => {
    await expect(mount(service)).rejects.toThrow(`the service things ${message} which its contract does not declare`);
  });

  test('and one that keeps to it is', async () => {
    const process = await mount(
      serves((app) => {
        app.get('/v1/things', answer);
        app.get('/v1/things/:id', answer);
        app.get('/v1/things::count', answer);
        app.post('/internal/things', answer);
      }),
    );
    await process.stop();
  });
});

test('every event type has a queue that wants it', () => {
  const patterns = topology.filter(({ exchange }) => exchange === 'events').flatMap((queue) => queue.patterns);
  for (const type of eventTypes) expect(patterns.some((pattern) => keyMatches(pattern, type))).toBe(true);
});
