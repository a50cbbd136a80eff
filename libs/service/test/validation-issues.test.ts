import { Type } from '@weave-nn/config';
import type { ValidateFunction } from 'ajv';
import { expect, test } from 'vitest';
import { compileValidator } from '../src/http/validation.ts';
import { describeIssues } from '../src/http/validation-issues.ts';

const Operation = Type.Union([
  Type.Object(
    { op: Type.Literal('put'), path: Type.String(), size: Type.Optional(Type.Integer()) },
    { additionalProperties: false },
  ),
  Type.Object({ op: Type.Literal('move'), from: Type.String(), to: Type.String() }, { additionalProperties: false }),
]);
const Body = Type.Object(
  {
    day: Type.Optional(Type.String({ format: 'date' })),
    at: Type.Optional(Type.Union([Type.String({ format: 'date-time' }), Type.Null()])),
    state: Type.Optional(Type.Unsafe<string>({ type: 'string', enum: ['open', 'done'] })),
    kind: Type.Optional(Type.Union([Type.Literal('a'), Type.Literal('b'), Type.Null()])),
    name: Type.Optional(Type.String({ minLength: 1, maxLength: 5, pattern: '^[a-z]*$' })),
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 9 })),
    tags: Type.Optional(Type.Array(Type.String(), { minItems: 1, maxItems: 2, uniqueItems: true })),
    operations: Type.Optional(Type.Array(Operation)),
    deep: Type.Optional(Type.Object({ id: Type.String() }, { additionalProperties: false })),
  },
  { additionalProperties: false },
);

function issuesOf(value: unknown): string[] {
  const validate = compileValidator({ schema: Body, method: 'POST', url: '/', httpPart: 'body' });
  expect(validate(value)).toBe(false);
  return describeIssues((validate as unknown as ValidateFunction).errors ?? [], 'body').map(
    ({ field, message }) => `${field} ${message}`,
  );
}

test.each<[unknown, string]>([
  [{ day: 'tomorrow' }, 'body.day expected a day that there is, as in 2026-12-31, found "tomorrow"'],
  [{ day: '2026-02-30' }, 'body.day expected a day that there is, as in 2026-12-31, found "2026-02-30"'],
  [{ at: 'noon' }, 'body.at expected a time with its zone, as in 2026-12-31T12:00:00Z, or null, found "noon"'],
  [{ state: 'maybe' }, 'body.state expected one of open, done, found "maybe"'],
  [{ kind: 'c' }, 'body.kind expected one of a, b, or null, found "c"'],
  [{ name: '' }, 'body.name expected text that is not empty, found ""'],
  [{ name: 'abcdef' }, 'body.name expected text of at most 5 characters, found "abcdef"'],
  [{ name: 'A' }, 'body.name expected text that the pattern ^[a-z]*$ fits, found "A"'],
  [{ name: 7 }, 'body.name expected text, found 7'],
  [{ count: 0 }, 'body.count expected at least 1, found 0'],
  [{ count: 10 }, 'body.count expected at most 9, found 10'],
  [{ count: '3' }, 'body.count expected a whole number, found "3"'],
  [{ tags: [] }, 'body.tags expected a list of at least 1 item, found a list of 0'],
  [{ tags: ['a', 'b', 'c'] }, 'body.tags expected a list of at most 2 items, found a list of 3'],
  [{ tags: ['a', 'a'] }, 'body.tags expected a list without the same item twice, found a list of 2'],
  [{ tags: ['a', 1] }, 'body.tags.1 expected text, found 1'],
  [{ deep: {} }, 'body.deep.id is missing'],
  [{ deep: { id: 'x', other: 1 } }, 'body.deep.other is not known; known are id'],
  [{ operations: [{ op: 'move', from: 'a' }] }, 'body.operations.0.to is missing'],
  [{ operations: [{ op: 'put', path: 'a', size: 'x' }] }, 'body.operations.0.size expected a whole number, found "x"'],
  [{ operations: [{ op: 'copy' }] }, 'body.operations.0.op expected one of put, move, found "copy"'],
  [[], 'body expected an object, found a list of 0'],
  [{ state: 'x'.repeat(500) }, `body.state expected one of open, done, found "${'x'.repeat(59)}… (502 characters)`],
])('%j is described', (value, issue) => {
  expect(issuesOf(value)).toEqual([issue]);
});
