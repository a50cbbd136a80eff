import { Writable } from 'node:stream';
import { Type } from '@weave-nn/config';
import { contractOf, temporaryFolder } from '@weave-nn/testing';
import { expect, test } from 'vitest';
import { createProcess, defineService } from '../src/index.ts';
import { openLog } from '../src/telemetry/log.ts';

test('a process says when it has started, that it stops, and what that waited for', async () => {
  const data = temporaryFolder('data');
  const lines: { level: number; msg: string; service?: string }[] = [];
  const destination = new Writable({
    write(chunk, _encoding, done) {
      lines.push(JSON.parse(String(chunk)));
      done();
    },
  });
  const service = (name: string, facesClients: boolean) =>
    defineService({
      contract: contractOf(name),
      settings: Type.Object({}),
      statuses: {},
      bodyLimit: 1024,
      facesClients,
      create: () => ({ routes: () => undefined }),
    });
  const running = await createProcess({
    definitions: [service('behind', false), service('front', true)],
    version: 'test',
    environment: { DATA_DIR: data.path, PORT: '0' },
    log: openLog({ level: 'info', name: undefined }, destination),
  });
  const url = await running.start();
  await running.stop();
  data.remove();
  const said = lines
    .filter(({ level, msg }) => level === 30 && !msg.startsWith('Server listening'))
    .map(({ msg, service: name }) => (name ? `${msg}: ${name}` : msg));
  expect(said).toEqual(['started', 'stopping', 'service stopped: behind', 'service stopped: front', 'stopped']);
  expect(lines.find(({ msg }) => msg === 'started')).toMatchObject({ url, services: ['behind', 'front'] });
  expect(lines.find(({ msg }) => msg === 'stopped')).toMatchObject({ tookMs: expect.any(Number) });
});
