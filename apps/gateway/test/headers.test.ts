import { expect, test } from 'vitest';
import { requestHeaders, responseHeaders } from '../src/routes/forwarding/headers.ts';

const own = { 'x-weave-identity': 'i', 'x-weave-deadline': '1', 'x-request-id': 'r', traceparent: 't' };

test('a request keeps what is for the service, and what the gateway says stands for what the client claimed', () => {
  const received = { connection: 'close, x-hop', 'x-hop': '1', te: 'trailers', authorization: 'k', accept: '*/*' };
  expect(requestHeaders({ ...received, 'x-request-id': 'forged' }, own)).toEqual({ accept: '*/*', ...own });
});

test('a response keeps what is for the client', () => {
  const received = { connection: 'keep-alive, X-Hop', 'keep-alive': 'timeout=5', 'x-hop': '1', etag: '"1"' };
  expect(responseHeaders(received)).toEqual({ etag: '"1"' });
});
