import { expect, test } from 'vitest';
import { cachePrefix } from '../src/process/cache-prefix.ts';

const settings = { RABBITMQ_URL: 'amqp://guest:guest@one:5672/home', RABBITMQ_EXCHANGE: 'weave', VAULT_ID: 'default' };
const key = 'a-signing-key-for-tests-0123456789abcdef';

test('the processes of a system share what they keep in Redis, however they reach the broker', () => {
  const elsewhere = { ...settings, RABBITMQ_URL: 'amqps://other:secret@two/home' };
  expect(cachePrefix(elsewhere, key)).toBe(cachePrefix(settings, key));
});

test('systems that have the same Redis keep apart what is theirs, and tell nobody their secret', () => {
  const prefixes = [
    cachePrefix(settings, key),
    cachePrefix(settings, `${key}x`),
    cachePrefix({ ...settings, RABBITMQ_URL: 'amqp://guest:guest@one:5672/work' }, key),
    cachePrefix({ ...settings, RABBITMQ_EXCHANGE: 'other' }, key),
    cachePrefix({ ...settings, VAULT_ID: 'work' }, key),
    cachePrefix({ RABBITMQ_EXCHANGE: 'weave', VAULT_ID: 'default' }, key),
  ];
  expect(new Set(prefixes).size).toBe(prefixes.length);
  expect(prefixes.join()).not.toContain(key);
});
