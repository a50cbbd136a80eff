import { systemRuntime } from '@weave-nn/config';
import { describe, expect, test } from 'vitest';
import { bearerOf, digestOf, hasIdForm, hasSecretForm, makeSecret } from '../src/domain/secret.ts';

describe('a key', () => {
  test('says its id and hides 256 bits', () => {
    const { id, secret, prefix, hash } = makeSecret(systemRuntime.uuid());
    expect(secret).toMatch(/^weave_[0-9a-f]{32}_[A-Za-z0-9_-]{43}$/);
    expect(secret).toContain(`weave_${id}_`);
    expect(prefix).toBe(`weave_${id}`);
    expect(hash).toBe(digestOf(secret));
    expect(hasSecretForm(secret)).toBe(true);
    expect(hasIdForm(id)).toBe(true);
  });

  test('is another each time, in the order of making', () => {
    const made = Array.from({ length: 100 }, () => makeSecret(systemRuntime.uuid()));
    expect(new Set(made.map(({ secret }) => secret.slice(-43))).size).toBe(100);
    expect(made.map(({ id }) => id)).toEqual(made.map(({ id }) => id).sort());
  });

  test.each([
    '',
    'weave_',
    `weave_${'a'.repeat(32)}_${'b'.repeat(42)}`,
    `weave_${'a'.repeat(32)}_${'b'.repeat(44)}`,
    `weave_${'A'.repeat(32)}_${'b'.repeat(43)}`,
    `other_${'a'.repeat(32)}_${'b'.repeat(43)}`,
    `weave_${'a'.repeat(32)}_${'b'.repeat(42)}\n`,
    ` weave_${'a'.repeat(32)}_${'b'.repeat(43)}`,
  ])('cannot be %j', (text) => {
    expect(hasSecretForm(text)).toBe(false);
  });
});

test.each([
  ['Bearer abc', 'abc'],
  ['bearer   abc  ', 'abc'],
  ['BEARER abc', 'abc'],
  ['Bearer', undefined],
  ['Bearer ', undefined],
  ['Bearer a b', undefined],
  ['Basic abc', undefined],
  ['', undefined],
  [undefined, undefined],
])('the key of the header %j is %j', (header, key) => {
  expect(bearerOf(header)).toBe(key);
});
