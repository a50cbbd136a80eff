import fc, { type Arbitrary } from 'fast-check';
import type { Schema } from './description.ts';
import { oddPaths, oddTexts, oddValues } from './odd-values.ts';

/** Texts that mean something to the system under test, by the name of the parameter or property that takes them. */
export type Known = Readonly<Record<string, readonly string[]>>;

const MAX_ITEMS = 4;
const DEFAULT_HIGHEST = 10_000;

const formats: Readonly<Record<string, readonly string[]>> = {
  date: ['2026-12-01', '2024-02-29', '0001-01-01', '9999-12-31'],
  'date-time': ['2026-12-01T10:00:00Z', '2099-01-01T00:00:00.000Z', '1970-01-01T00:00:00Z'],
};

function isAllowed({ pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY }: Schema, text: string): boolean {
  return text.length >= minLength && text.length <= maxLength && (!pattern || new RegExp(pattern, 'u').test(text));
}

function texts(schema: Schema, name: string, known: Known): Arbitrary<unknown> {
  const meant = [...(known[name] ?? []), ...(formats[schema.format ?? ''] ?? [])];
  const allowed = (candidates: readonly string[]) => candidates.filter((text) => isAllowed(schema, text));
  const choices = [
    { candidates: allowed(meant), weight: 6 },
    { candidates: allowed(Object.values(known).flat()), weight: 1 },
    { candidates: schema.format ? [] : allowed([...oddTexts, ...oddPaths]), weight: 2 },
  ].filter(({ candidates }) => candidates.length > 0);
  if (choices.length === 0) return fc.constant('x'.repeat(schema.minLength ?? 1));
  return fc.oneof(...choices.map(({ candidates, weight }) => ({ arbitrary: fc.constantFrom(...candidates), weight })));
}

function objects({ properties = {}, required = [], additionalProperties }: Schema, known: Known): Arbitrary<unknown> {
  const entries = Object.entries(properties).map(([name, schema]) => [name, valuesOf(schema, name, known)] as const);
  const named = fc.record(Object.fromEntries(entries), { requiredKeys: required, noNullPrototype: true });
  if (typeof additionalProperties !== 'object') return named;
  return fc.dictionary(fc.constantFrom('a', 'b'), valuesOf(additionalProperties, '', known), {
    maxKeys: MAX_ITEMS,
    noNullPrototype: true,
  });
}

function valuesOfType(type: string | undefined, schema: Schema, name: string, known: Known): Arbitrary<unknown> {
  const { minimum = 0, maximum = DEFAULT_HIGHEST, minItems = 0, maxItems = MAX_ITEMS } = schema;
  switch (type) {
    case 'string':
      return texts(schema, name, known);
    case 'integer':
      return fc.integer({ min: minimum, max: Math.max(minimum, maximum) });
    case 'number':
      return fc.double({ min: minimum, max: Math.max(minimum, maximum), noNaN: true });
    case 'boolean':
      return fc.boolean();
    case 'null':
      return fc.constant(null);
    case 'array':
      return fc.array(valuesOf(schema.items ?? {}, name, known), {
        minLength: minItems,
        maxLength: Math.max(minItems, Math.min(maxItems, MAX_ITEMS)),
      });
    case 'object':
      return objects(schema, known);
    default:
      return fc.oneof(fc.constantFrom(...oddValues), fc.constantFrom<unknown>(...oddTexts));
  }
}

/**
 * Makes values that a schema allows, as far as it is one of those that the services describe themselves with.
 *
 * @param name of the parameter or property whose value it is
 */
export function valuesOf(schema: Schema, name: string, known: Known): Arbitrary<unknown> {
  if (schema.const !== undefined) return fc.constant(schema.const);
  if (schema.enum) return fc.constantFrom(...schema.enum);
  const alternatives = schema.anyOf ?? schema.oneOf;
  if (alternatives) return fc.oneof(...alternatives.map((each) => valuesOf(each, name, known)));
  if (schema.allOf) return valuesOf(Object.assign({}, ...schema.allOf) as Schema, name, known);
  const types = [schema.type].flat();
  return fc.oneof(...types.map((type) => valuesOfType(type, schema, name, known)));
}

/** One change of a value, at a place that is counted through the whole of it. */
type Mutation = { at: number } & (
  | { kind: 'replace'; by: unknown }
  | { kind: 'remove' }
  | { kind: 'add'; key: string; by: unknown }
);

const anything = fc.oneof(
  { arbitrary: fc.constantFrom(...oddValues), weight: 3 },
  { arbitrary: fc.constantFrom<unknown>(...oddTexts, ...oddPaths), weight: 3 },
  { arbitrary: fc.jsonValue({ maxDepth: 3 }) as Arbitrary<unknown>, weight: 1 },
);

const mutations: Arbitrary<Mutation> = fc.oneof(
  fc.record({ at: fc.nat(100), kind: fc.constant('replace' as const), by: anything }),
  fc.record({ at: fc.nat(100), kind: fc.constant('remove' as const) }),
  fc.record({
    at: fc.nat(100),
    kind: fc.constant('add' as const),
    key: fc.constantFrom('unknown', '__proto__', '', 'constructor'),
    by: anything,
  }),
);

interface Place {
  holder: Record<string, unknown>;
  key: string;
}

function placesIn(value: unknown, places: Place[]): Place[] {
  if (value === null || typeof value !== 'object') return places;
  const holder = value as Record<string, unknown>;
  for (const key of Object.keys(holder)) {
    places.push({ holder, key });
    placesIn(holder[key], places);
  }
  return places;
}

function mutate(value: unknown, mutation: Mutation): unknown {
  const root = { value: structuredClone(value) };
  const places = placesIn(root, []);
  const { holder, key } = places[mutation.at % places.length] as Place;
  if (mutation.kind === 'replace') holder[key] = mutation.by;
  else if (mutation.kind === 'remove') delete holder[key];
  else {
    const target = typeof holder[key] === 'object' && holder[key] !== null ? (holder[key] as object) : holder;
    Object.defineProperty(target, mutation.key, {
      value: mutation.by,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  }
  return root.value ?? null;
}

/** Makes values of which about half are as the schema says, and the others have been changed in one to three places. */
export function mutatedValuesOf(schema: Schema, name: string, known: Known): Arbitrary<unknown> {
  const valid = valuesOf(schema, name, known);
  const changed = fc
    .tuple(valid, fc.array(mutations, { minLength: 1, maxLength: 3 }))
    .map(([value, changes]) => changes.reduce(mutate, value));
  return fc.oneof(valid, changed);
}
