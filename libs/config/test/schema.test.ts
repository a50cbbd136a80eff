import { Type as TypeBox } from 'typebox';
import { expect, expectTypeOf, test } from 'vitest';
import { type Static, Type } from '../src/index.ts';

type Builders = typeof Type;

const text = (make: Builders) => make.String({ minLength: 1, description: 'a text' });

const schemas: Record<string, (make: Builders) => object> = {
  'a text': text,
  'a whole number': (make) => make.Integer({ minimum: 1, default: 3 }),
  'a number': (make) => make.Number(),
  'a flag': (make) => make.Boolean({ default: false }),
  nothing: (make) => make.Null(),
  anything: (make) => make.Unknown({ description: 'anything' }),
  'one text': (make) => make.Literal('one', { description: 'no other' }),
  'one number': (make) => make.Literal(1),
  'one flag': (make) => make.Literal(true),
  'a list': (make) => make.Array(text(make), { minItems: 1 }),
  'one of several': (make) => make.Union([text(make), make.Null()], { description: 'or nothing' }),
  'names with values': (make) => make.Record(make.String(), make.Integer(), { maxProperties: 3 }),
  'names of a kind with values': (make) => make.Record(make.String({ pattern: '^[a-z]+$' }), make.Integer()),
  'a schema of its own': (make) => make.Unsafe<'a' | 'b'>({ type: 'string', enum: ['a', 'b'] }),
  'what may be left out': (make) => make.Optional(text(make)),
  'an object': (make) =>
    make.Object({ path: text(make), size: make.Optional(make.Integer()) }, { additionalProperties: false }),
  'an object that may be empty': (make) => make.Object({ size: make.Optional(make.Integer()) }),
  'an object in an object': (make) => make.Object({ inner: make.Object({ path: make.Optional(text(make)) }) }),
};

test.each(Object.entries(schemas))('the schema of %s is the one that TypeBox makes', (_name, make) => {
  expect(JSON.stringify(make(Type))).toBe(JSON.stringify(make(TypeBox)));
});

test('a schema that was made optional is left as it is', () => {
  const size = Type.Integer();
  expect(Type.Object({ size: Type.Optional(size) })).not.toHaveProperty('required');
  expect(Type.Object({ size })).toHaveProperty('required', ['size']);
});

test('a schema gives the type of its values', () => {
  const Note = Type.Object({ path: Type.String(), size: Type.Optional(Type.Integer()) });
  expectTypeOf<Static<typeof Note>>().toEqualTypeOf<{ path: string; size?: number }>();
});
