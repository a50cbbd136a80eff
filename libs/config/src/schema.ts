import type { TSchema, Type as TypeBox } from 'typebox';

export type { Static, TObject, TSchema } from 'typebox';

type Kind =
  | 'Array'
  | 'Boolean'
  | 'Integer'
  | 'Literal'
  | 'Null'
  | 'Number'
  | 'Object'
  | 'Optional'
  | 'Record'
  | 'String'
  | 'Union'
  | 'Unknown'
  | 'Unsafe';

/** How TypeBox marks a schema that an object may leave out; seen by no one who walks through or prints the schema. */
const OPTIONAL = '~optional';

const typed = (type: string) => (options?: object) => ({ type, ...options });

function object(properties: Record<string, TSchema>, options?: object) {
  const required = Object.keys(properties).filter((name) => !(OPTIONAL in (properties[name] as object)));
  return { type: 'object', ...(required.length > 0 ? { required } : {}), properties, ...options };
}

const builders: Record<Kind, (...parts: never[]) => object> = {
  Array: (items: TSchema, options?: object) => ({ type: 'array', items, ...options }),
  Boolean: typed('boolean'),
  Integer: typed('integer'),
  Literal: (value: unknown, options?: object) => ({ type: typeof value, const: value, ...options }),
  Null: typed('null'),
  Number: typed('number'),
  Object: object,
  Optional: (schema: TSchema) => Object.defineProperty({ ...schema }, OPTIONAL, { value: true }),
  Record: ({ pattern = '^.*$' }: { pattern?: string }, value: TSchema, options?: object) => ({
    type: 'object',
    patternProperties: { [pattern]: value },
    ...options,
  }),
  String: typed('string'),
  Union: (anyOf: readonly TSchema[], options?: object) => ({ anyOf, ...options }),
  Unknown: (options?: object) => ({ ...options }),
  Unsafe: (schema: object) => ({ ...schema }),
};

/**
 * The builders of TypeBox (github.com/sinclairzx81/typebox) that are used here, with its types and the same schemas.
 * Its own come with the 300 modules of all its other ones, which each start and each command would load.
 */
export const Type = builders as unknown as Pick<typeof TypeBox, Kind>;
