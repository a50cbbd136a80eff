import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { systemRuntime, Type } from '@weave-nn/config';
import { contractOf } from '@weave-nn/testing';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createClientErrorHandler } from '../src/http/client-errors.ts';
import { createProcess, defineService, type WeaveProcess } from '../src/index.ts';

let folder: string;
let running: WeaveProcess;
let port: number;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'refused-requests-test-'));
  const service = defineService({
    contract: contractOf('front'),
    settings: Type.Object({}),
    statuses: {},
    bodyLimit: 1024,
    facesClients: true,
    create: () => ({
      routes(app) {
        app.get('/here', async () => 'here');
        app.post('/taken', async () => 'taken');
        app.get('/begun', (_request, reply) => {
          reply.hijack();
          reply.raw.writeHead(200, { 'content-length': '100' });
          reply.raw.write('begun');
        });
      },
    }),
  });
  running = await createProcess({
    definitions: [service],
    environment: { DATA_DIR: folder, PORT: '0', LOG_LEVEL: 'silent' },
    version: 'test',
  });
  port = Number(new URL(await running.start()).port);
});
afterAll(async () => {
  await running.stop();
  rmSync(folder, { recursive: true });
});

/** Sends bytes as they are, and answers all that comes until the server closes; a reset is thrown. */
function exchange(bytes: string): Promise<string> {
  const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true });
  socket.on('end', () => socket.end());
  socket.write(bytes);
  return text(socket);
}

function parse(response: string) {
  const end = response.indexOf('\r\n\r\n');
  const [statusLine = '', ...lines] = response.slice(0, end).split('\r\n');
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(':')).toLowerCase(), line.slice(line.indexOf(':') + 1).trim()]),
  );
  return { status: Number(statusLine.split(' ')[1]), headers, body: response.slice(end + 4) };
}

const get = (...headers: string[]) => `GET /here HTTP/1.1\r\n${headers.map((each) => `${each}\r\n`).join('')}\r\n`;
const chunked =
  'POST /taken HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n';

describe('a request that is not valid HTTP', () => {
  test.each([
    ['no request line', 'nonsense\r\n\r\n', 400, 'request-malformed'],
    ['an invalid header name', get('Host: a', 'b ad: 1'), 400, 'request-malformed'],
    ['an invalid header value', get('Host: a', 'x: \u0001'), 400, 'request-malformed'],
    [
      'two lengths',
      'POST /taken HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab',
      400,
      'request-malformed',
    ],
    [
      'a length and chunks',
      'POST /taken HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'request-malformed',
    ],
    ['a chunk without a size, after a valid head', `${chunked}zz\r\n`, 400, 'request-malformed'],
    ['a header of 20 KB', get('Host: a', `x: ${'x'.repeat(20_000)}`), 431, 'headers-too-large'],
    [
      'headers of 4 MB, which go on after the refusal',
      get('Host: a', `x: ${'x'.repeat(4_000_000)}`),
      431,
      'headers-too-large',
    ],
    ['a URL of 100 KB', `GET /${'x'.repeat(100_000)} HTTP/1.1\r\nHost: a\r\n\r\n`, 431, 'headers-too-large'],
    ['chunk extensions of 20 KB', `${chunked}1;${'x'.repeat(20_000)}\r\na\r\n`, 413, 'chunk-extensions-too-large'],
    ['no host', get(), 400, 'host-invalid'],
    ['two hosts', get('Host: a', 'Host: b'), 400, 'host-invalid'],
    ['the same host twice', get('Host: a', 'hOST: a'), 400, 'host-invalid'],
    ['two hosts in HTTP/1.0', get('Host: a', 'Host: b').replace('/1.1', '/1.0'), 400, 'host-invalid'],
    ['another request after it', get('Host: a') + 'nonsense\r\n\r\n'.repeat(1), 400, 'request-malformed'],
  ])('with %s is answered with a problem document, and its connection closed', async (_which, bytes, status, code) => {
    const response = await exchange(bytes);
    const last = parse(response.slice(response.lastIndexOf('HTTP/1.1 ')));
    expect(last.status).toBe(status);
    expect(last.headers).toMatchObject({
      connection: 'close',
      'content-type': 'application/problem+json; charset=utf-8',
    });
    const problem = JSON.parse(last.body);
    expect(problem).toMatchObject({ type: `urn:weave-nn:problem:${code}`, status, code });
    expect(problem.detail).toMatch(/\.$/);
    expect(last.headers['x-request-id']).toBe(problem.requestId);
  });

  test('closes its connection without another answer in the middle of one', async () => {
    const socket = connect({ port, host: '127.0.0.1' });
    let received = '';
    socket.on('data', (bytes) => {
      received += bytes;
      if (received.endsWith('begun')) socket.write('nonsense\r\n\r\n');
    });
    socket.on('error', () => undefined);
    socket.write('GET /begun HTTP/1.1\r\nHost: a\r\n\r\n');
    await once(socket, 'close');
    expect(parse(received)).toMatchObject({ status: 200, body: 'begun' });
  });

  test('that did not arrive in time is answered with 408', () => {
    let written = '';
    const socket = {
      destroyed: false,
      writable: true,
      once: () => undefined,
      end: (bytes: string) => (written = bytes),
    };
    const handle = createClientErrorHandler(systemRuntime, () => false);
    handle(Object.assign(new Error('late'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' }), socket as never);
    const { status, headers, body } = parse(written);
    expect({ status, connection: headers.connection }).toEqual({ status: 408, connection: 'close' });
    expect(JSON.parse(body)).toMatchObject({ status: 408, code: 'request-timeout' });
  });
});

test.each([
  ['one host', get('Host: a', 'Connection: close')],
  ['no host in HTTP/1.0', get().replace('/1.1', '/1.0')],
])('a request with %s is served', async (_which, bytes) => {
  expect(parse(await exchange(bytes))).toMatchObject({ status: 200, body: 'here' });
});
