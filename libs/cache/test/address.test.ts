import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { inspect } from 'node:util';
import { expect, test } from 'vitest';
import { CacheError, openCache } from '../src/index.ts';
import { collectReports } from './fixture/reports.ts';
import { createControlledRuntime } from './fixture/runtime.ts';

const open = (url: string, reports = collectReports()) =>
  openCache({ url, prefix: 'weave', runtime: createControlledRuntime(), report: reports.report });

test.each([
  'localhost:6379',
  'http://:secret@localhost',
  'redis://:secret@local host',
  'redis://:sec%ret@localhost',
  'redis://:secret@localhost/first',
  '',
])('an address like "%s" is refused without being repeated', async (url) => {
  const error = await open(url).catch((thrown) => thrown);
  expect(error).toBeInstanceOf(CacheError);
  expect(error).toMatchObject({
    code: 'redis-address-invalid',
    message: 'the address of Redis is no redis:// or rediss:// URL',
  });
  expect(inspect(error)).not.toMatch(/sec/);
});

test('a server that repeats the password in its answer does not bring it into a report', async () => {
  const server = createServer((socket) => {
    socket.on('error', () => undefined);
    socket.on('data', () =>
      socket.write('-ERR unknown command `AUTH`, with args beginning with: `anna`, `s3cret`\r\n'),
    );
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const reports = collectReports();
  const cache = await open(`redis://anna:s3cret@127.0.0.1:${port}`, reports);
  expect(cache.status().detail).toMatch(/unknown command `AUTH`.*\*\*\*/);
  expect(reports.messages).toHaveLength(1);
  expect(reports.everything()).not.toMatch(/s3cret/);
  await cache.close();
  server.close();
});
