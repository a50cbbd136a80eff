import { describe, expect, test } from 'vitest';
import { createCheck, Type } from '../src/index.ts';

const note = createCheck(
  Type.Object({ path: Type.String({ minLength: 1 }), tags: Type.Optional(Type.Array(Type.String())) }),
);

const closed = createCheck(Type.Object({ rule: Type.String() }, { additionalProperties: false }));

describe('a check', () => {
  test('finds nothing in what the schema says', () => {
    for (const value of [{ path: 'A.md' }, { path: 'A.md', tags: ['a'], more: 1 }]) {
      expect(note.matches(value)).toBe(true);
      expect(note.violation(value)).toBeUndefined();
    }
  });

  test.each([
    [null, { path: '', message: 'must be object' }],
    [{}, { path: '', message: "must have required property 'path'" }],
    [{ path: '' }, { path: '/path', message: 'must NOT have fewer than 1 characters' }],
    [
      { path: 'A.md', tags: ['a', 1] },
      { path: '/tags/1', message: 'must be string' },
    ],
  ])('says where %j differs from it, and how', (value, violation) => {
    expect(note.matches(value)).toBe(false);
    expect(note.violation(value)).toEqual(violation);
  });

  test('names a property that is not expected', () => {
    expect(closed.violation({ rule: 'size', most: 5 })).toEqual({ path: '', message: 'must not have most' });
  });
});
