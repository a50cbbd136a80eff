import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { systemRuntime } from '@weave-nn/config';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { createClients } from '../src/index.ts';
import { createRemoteTransport, openUpstreams } from '../src/transport/remote.ts';

/** A copy of a service, that answers as it is told to. */
interface Copy {
  url: string;
  /** What it was asked, besides whether it is ready. */
  asked: IncomingMessage[];
  connections: number;
  isReady: boolean;
  answer(response: ServerResponse, request: IncomingMessage): void;
  listen(): Promise<void>;
  close(): Promise<void>;
}

async function startCopy(): Promise<Copy> {
  let server: Server | undefined;
  let port = 0;
  const copy: Copy = {
    url: '',
    asked: [],
    connections: 0,
    isReady: true,
    answer: (response) => response.end('{}'),
    async listen() {
      server = createServer((request, response) => {
        if (request.url === '/ready') return response.writeHead(copy.isReady ? 200 : 503).end();
        copy.asked.push(request);
        request.resume();
        copy.answer(response, request);
      }).listen(port, '127.0.0.1');
      server.on('connection', () => copy.connections++);
      await once(server, 'listening');
      port = (server.address() as AddressInfo).port;
      copy.url = `http://127.0.0.1:${port}`;
    },
    async close() {
      server?.closeAllConnections();
      if (server?.listening) await once(server.close(), 'close');
    },
  };
  await copy.listen();
  return copy;
}

const WITHIN = { timeout: 15_000 };
const reset = (response: ServerResponse) => response.destroy();
const read = { method: 'GET', url: '/v1/thing' } as const;
const change = { method: 'POST', url: '/v1/thing', body: { a: 1 } } as const;

describe('calls to a service with two copies', () => {
  let copies: [Copy, Copy];
  let closing: (() => Promise<void>)[];

  beforeEach(async () => {
    copies = [await startCopy(), await startCopy()];
    closing = copies.map(({ close }) => close);
  });
  afterEach(async () => {
    for (const close of closing.reverse()) await close();
  });

  function connect(remaining: () => number | undefined = () => undefined) {
    const upstreams = openUpstreams(
      'file',
      copies.map(({ url }) => url),
      systemRuntime,
    );
    closing.push(upstreams.close);
    const headers = () => ({ 'x-request-id': 'r-1' });
    const call = createRemoteTransport({
      upstreams,
      headers,
      remaining,
      callerGone: () => undefined,
      runtime: systemRuntime,
    });
    return { upstreams, call };
  }
  const counts = () => copies.map(({ asked }) => asked.length);
  const [allOf, noneOf] = [(total: number) => [total / 2, total / 2], [0, 0]];

  test('go to both in turn, on connections that are kept', async () => {
    const { call } = connect();
    for (let index = 0; index < 20; index++) expect((await call(read)).status).toBe(200);
    expect(counts()).toEqual(allOf(20));
    expect(copies.map(({ connections }) => connections)).toEqual([1, 1]);
  });

  test('take identity and deadline along: what the caller has left, or ten seconds', async () => {
    let left: number | undefined;
    const { call } = connect(() => left);
    const deadlines: number[] = [];
    for (const copy of copies) {
      copy.answer = (response, { headers }) => {
        expect(headers['x-request-id']).toBe('r-1');
        deadlines.push(Number(headers['x-weave-deadline']));
        response.end('{}');
      };
    }
    await call(read);
    left = 1_234;
    await call(read);
    await call({ ...read, timeout: 500 });
    expect(deadlines).toEqual([10_000, 1_234, 500]);
  });

  test('are not made when the caller has no time left', async () => {
    const { call } = connect(() => 0);
    await expect(call(read)).rejects.toMatchObject({ status: 504, code: 'service-timeout' });
    expect(counts()).toEqual(noneOf);
  });

  test('end when the time is over, and are not made again', async () => {
    for (const copy of copies) copy.answer = () => undefined;
    const { call } = connect(() => 150);
    await expect(call(read)).rejects.toMatchObject({ status: 504, code: 'service-timeout' });
    expect(counts().reduce((sum, count) => sum + count)).toBe(1);
  });

  test('that only read are made again, at the other copy', async () => {
    copies[0].answer = reset;
    const { call } = connect();
    for (let index = 0; index < 6; index++) expect((await call(read)).status).toBe(200);
    expect(counts()).toEqual([1, 6]);
  });

  test('that change something are made once', async () => {
    for (const copy of copies) copy.answer = reset;
    const { call } = connect();
    await expect(call(change)).rejects.toMatchObject({ status: 503, code: 'service-unavailable' });
    expect(counts().reduce((sum, count) => sum + count)).toBe(1);
    await expect(call({ ...change, idempotent: true })).rejects.toMatchObject({ code: 'service-unavailable' });
    expect(counts().reduce((sum, count) => sum + count)).toBe(4);
  });

  test('leave out a copy that says that it is not ready, until it is', async () => {
    const { call, upstreams } = connect();
    copies[0].isReady = false;
    await expect.poll(() => upstreams.instances[0]?.healthy, WITHIN).toBe(false);
    for (let index = 0; index < 4; index++) await call(read);
    expect(counts()).toEqual([0, 4]);
    copies[0].isReady = true;
    await expect.poll(() => upstreams.instances[0]?.healthy, WITHIN).toBe(true);
    for (let index = 0; index < 4; index++) await call(read);
    expect(counts()).toEqual([2, 6]);
  });

  test('fail at once while all copies are away, and go through as soon as one is back', async () => {
    const { call } = connect();
    await Promise.all(copies.map(({ close }) => close()));
    const causes: string[] = [];
    for (let index = 0; index < 10; index++) {
      const error = await call(read).catch((reason) => reason);
      expect(error).toMatchObject({ status: 503, code: 'service-unavailable' });
      causes.push(error.message);
    }
    expect(causes.at(-1)).toBe('file: it has not answered for a while');
    await copies[1].listen();
    await expect.poll(async () => (await call(read)).status, WITHIN).toBe(200);
  });

  test('hand on what the service says of an error, whatever it says', async () => {
    const { call } = connect();
    const client = createClients(() => call).file;
    const problem = { code: 'file-not-found', detail: 'There is no a.md.' };
    for (const copy of copies) copy.answer = (response) => response.writeHead(404).end(JSON.stringify(problem));
    await expect(client.note('a.md')).rejects.toMatchObject({ status: 404, ...{ code: problem.code } });
    for (const copy of copies) copy.answer = (response) => response.writeHead(502).end('<html>Bad gateway</html>');
    await expect(client.note('a.md')).rejects.toMatchObject({
      status: 502,
      message: 'file: <html>Bad gateway</html>',
    });
  });
});
