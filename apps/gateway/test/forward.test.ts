import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request as open } from 'node:http';
import { text } from 'node:stream/consumers';
import { freePort, until } from '@weave-nn/testing';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startForwarding, startUpstream, type Upstream } from './fixture/upstream.ts';

let upstream: Upstream;
let gateway: { url: string; close(): Promise<void> };

beforeEach(async () => {
  upstream = await startUpstream();
  gateway = await startForwarding([upstream.url]);
});
afterEach(async () => {
  await gateway.close();
  await upstream.close();
});

const files = () => `${gateway.url}/v1/files`;

/** Asks over a connection that the test can break. */
function ask(options: { method?: string; headers?: Record<string, string> } = {}) {
  const request = open(`${files()}/A.md`, { agent: false, ...options });
  request.on('error', () => undefined);
  request.end();
  return { request, answer: () => once(request, 'response') as Promise<[IncomingMessage]> };
}

describe('a request that is passed on', () => {
  test('arrives with what is for its end, and with what the gateway says and nobody else', async () => {
    upstream.answerWith((request, response) => void request.pipe(response));
    const answer = await ask({
      headers: {
        connection: 'close, x-hop',
        'x-hop': 'for the neighbour',
        te: 'trailers',
        authorization: 'Bearer secret',
        'x-kept': 'kept',
        'x-weave-identity': 'forged',
        'x-weave-deadline': '1',
        'x-request-id': 'forged',
      },
    }).answer();
    expect(answer[0].statusCode).toBe(200);
    const { headers, method, url } = upstream.asked[0] as IncomingMessage;
    expect({ method, url }).toEqual({ method: 'GET', url: '/v1/files/A.md' });
    expect(headers).toMatchObject({ 'x-kept': 'kept', 'x-weave-deadline': '60000', host: new URL(upstream.url).host });
    expect(headers['x-weave-identity']).toMatch(/^ey/);
    expect(headers['x-request-id']).not.toBe('forged');
    for (const name of ['x-hop', 'te', 'authorization']) expect(headers[name]).toBeUndefined();
  });

  test.each([
    ['that is small', 'a note'],
    ['that is larger than what is kept to be sent again', 'x'.repeat(1_000_000)],
  ])('brings a body %s there and back', async (_which, body) => {
    upstream.answerWith((request, response) => void request.pipe(response));
    for (const sent of [body, new Blob([body]).stream()]) {
      const answer = await fetch(`${files()}/A.md`, { method: 'PUT', body: sent, duplex: 'half' } as RequestInit);
      expect(await answer.text()).toBe(body);
    }
  });

  test('goes to a copy that takes connections, with its body, when the first does not', async () => {
    await gateway.close();
    const away = `http://127.0.0.1:${await freePort()}`;
    gateway = await startForwarding([away, upstream.url]);
    upstream.answerWith((request, response) => void request.pipe(response));
    for (let count = 0; count < 4; count++) {
      expect(await (await fetch(`${files()}/A.md`, { method: 'POST', body: `body ${count}` })).text()).toBe(
        `body ${count}`,
      );
    }
  });

  test('ends upstream when its client goes away before an answer, which is no failure of the service', async () => {
    upstream.answerWith(() => undefined);
    for (let count = 1; count <= 20; count++) {
      const { request } = ask();
      await until('it has arrived', () => upstream.asked.length === count);
      request.destroy();
      await until('it has ended there', () => upstream.asked[count - 1]?.destroyed === true);
    }
    upstream.answerWith((_request, response) => void response.end('still here'));
    expect(await (await fetch(files())).text()).toBe('still here');
  });
});

describe('an answer that is passed on', () => {
  test('has what is for its end, several times where it is so, and security headers that the service can overrule', async () => {
    upstream.answerWith((_request, response) => {
      response.writeHead(201, [
        ...['connection', 'close, x-hop', 'x-hop', 'for the neighbour', 'etag', '"1"'],
        ...['set-cookie', 'a=1', 'set-cookie', 'b=2', 'x-frame-options', 'DENY', 'x-request-id', 'theirs'],
      ]);
      response.end('made');
    });
    const answer = await fetch(files());
    expect({ status: answer.status, text: await answer.text() }).toEqual({ status: 201, text: 'made' });
    expect(answer.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
    expect(Object.fromEntries(answer.headers)).toMatchObject({
      etag: '"1"',
      'x-frame-options': 'DENY',
      'x-content-type-options': 'nosniff',
      'x-request-id': 'theirs',
    });
    expect(answer.headers.get('x-hop')).toBeNull();
  });

  test.each([
    ['without a body', 204, {}],
    ['that is not modified', 304, { etag: '"1"' }],
    ['of no length', 200, { 'content-length': '0' }],
    ['to HEAD, with the length it would have', 200, { 'content-length': '12' }],
  ])('ends when it is one %s', async (which, status, headers) => {
    upstream.answerWith((_request, response) => void response.writeHead(status, headers).end());
    const method = which.includes('HEAD') ? 'HEAD' : 'GET';
    const answer = await fetch(files(), { method });
    expect({ status: answer.status, text: await answer.text() }).toEqual({ status, text: '' });
    expect(Object.fromEntries(answer.headers)).toMatchObject(headers);
  });

  test.each(['é ü', Buffer.from([0, 255, 195, 40]), '✓'.repeat(10_000)])('keeps its bytes: %j', async (content) => {
    const bytes = Buffer.from(content as string);
    for (const headers of [{ 'content-length': String(bytes.length) }, {}]) {
      upstream.answerWith((_request, response) => void response.writeHead(200, headers).end(bytes));
      expect(Buffer.from(await (await fetch(files())).arrayBuffer())).toEqual(bytes);
    }
  });

  test('comes as it is made', async () => {
    let finish = () => undefined as unknown;
    upstream.answerWith((_request, response) => {
      response.write('first');
      finish = () => response.end('last');
    });
    const answer = await fetch(files());
    const reader = answer.body?.pipeThrough(new TextDecoderStream()).getReader();
    expect((await reader?.read())?.value).toBe('first');
    finish();
    expect((await reader?.read())?.value).toBe('last');
  });

  test('waits for a client that reads slowly, and arrives whole', async () => {
    const part = Buffer.alloc(1024 * 1024, 'weave');
    const parts = 64;
    let written = 0;
    upstream.answerWith(async (_request, response) => {
      for (; written < parts; written++) if (!response.write(part)) await once(response, 'drain');
      response.end();
    });
    const [answer] = await ask().answer();
    answer.pause();
    let seen = 0;
    let unchanged = 0;
    await until('the way is full', () => {
      unchanged = written > 0 && written === seen ? unchanged + 1 : 0;
      seen = written;
      return unchanged === 10;
    });
    expect(written).toBeLessThan(parts);
    const hash = createHash('sha256');
    for await (const chunk of answer) hash.update(chunk as Buffer);
    const whole = createHash('sha256');
    for (let count = 0; count < parts; count++) whole.update(part);
    expect(hash.digest('hex')).toBe(whole.digest('hex'));
  });

  test('is broken off for the client when it breaks off upstream', async () => {
    upstream.answerWith((_request, response) => {
      response.writeHead(200, { 'content-length': '100' }).write('some', () => response.destroy());
    });
    const [answer] = await ask().answer();
    await expect(text(answer)).rejects.toThrow();
  });

  test('ends upstream when its client goes away in the middle of it', async () => {
    upstream.answerWith((_request, response) => void response.write('begun'));
    const { request, answer } = ask();
    await answer();
    request.destroy();
    await until('it has ended there', () => upstream.asked[0]?.destroyed === true);
  });
});
