import { expect, test } from 'vitest';
import { answerHeaders } from '../src/routes/headers.ts';

/** Names with their values, from names and values in turn. */
const pairs = (flat: readonly string[]) =>
  Object.fromEntries(flat.flatMap((name, index) => (index % 2 === 0 ? [[name, flat[index + 1]]] : [])));

test('a gateway that stops says so on a connection that its service keeps', () => {
  const answered = { connection: 'keep-alive', 'keep-alive': 'timeout=5', 'content-type': 'text/plain' };
  expect(pairs(answerHeaders(answered, { connection: 'close', 'x-request-id': 'r-1' }))).toEqual({
    connection: 'close',
    'content-type': 'text/plain',
    'x-request-id': 'r-1',
  });
});

test('a header of the answer stands where the gateway has one of its own', () => {
  const own = { 'content-security-policy': "default-src 'none'" };
  expect(pairs(answerHeaders({ 'content-security-policy': 'sandbox' }, own))).toEqual({
    'content-security-policy': 'sandbox',
  });
});
