import { defineJob, defineSchedule } from '@weave-nn/background';
import { anyReader, defineTool, reads, type ServiceContract, topology } from '@weave-nn/clients';
import { Type } from '@weave-nn/config';
import { eventTypes, keyMatches } from '@weave-nn/events';
import { contractOf, temporaryFolder } from '@weave-nn/testing';
import { afterAll, describe, expect, test } from 'vitest';
import { type App, createProcess, defineService, implementTool, type Service } from '../src/index.ts';

const data = temporaryFolder('data');
afterAll(() => data.remove());

const declared = {
  routes: [{ path: '/v1/things', timeout: 1_000, needs: reads('files:read') }],
  internalRoutes: { 'POST /internal/things': anyReader },
  queues: [{ name: 'things', exchange: 'events', patterns: ['task.*'] }],
} as const;

function mount(service: Service, more: Partial<ServiceContract> = {}) {
  const definition = defineService({
    contract: contractOf('things', { ...declared, ...more }),
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
const nothing: Service = { routes: () => undefined };
const empty = Type.Object({});
const tool = defineTool({
  name: 'count_things',
  title: 'Count things',
  description: 'Counts things.',
  input: empty,
  output: empty,
  annotations: { readOnlyHint: true, destructiveHint: false, idempotentHint: true, openWorldHint: false },
  needs: anyReader,
});
const job = defineJob({ kind: 'count', input: empty, steps: [{ name: 'count', run: async () => null }] });
const nightly = defineSchedule({ name: 'nightly', cron: '0 3 * * *', afterDowntime: 'once', kind: 'count' });
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
    ['a tool', { ...nothing, tools: [implementTool(tool, async () => ({}))] }, 'offers the tool count_things,'],
    ['a job', { ...nothing, jobs: [job] }, 'runs the job count,'],
    ['a schedule', { ...nothing, schedules: [nightly] }, 'has the schedule nightly,'],
  ])('%s', async (_, service, message) => {
    await expect(mount(service)).rejects.toThrow(`the service things ${message} which its contract does not declare`);
  });

  test.each<[string, Partial<ServiceContract>]>([
    ['tool count_things', { tools: [tool] }],
    ['job count', { jobs: { count: anyReader } }],
    ['schedule nightly', { schedules: ['nightly'] }],
  ])('nor is one that lacks the %s of its contract', async (missing, more) => {
    await expect(mount(nothing, more)).rejects.toThrow(
      `the contract of things declares the ${missing}, which the service does not have`,
    );
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
