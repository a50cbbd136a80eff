import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import type { Static, TSchema } from './schema.ts';

/** What is wrong with a value. */
export interface Violation {
  /** Where, as a JSON pointer; empty for the value itself. */
  path: string;
  /** Such as `must be string`. */
  message: string;
}

/** Tells whether values are what a schema says. */
export interface Check<Value> {
  matches(value: unknown): value is Value;
  /** @returns what is wrong first; undefined when nothing is */
  violation(value: unknown): Violation | undefined;
}

/** The schemas are our own: compiling what checks schemas takes ten times as long as compiling one of them. */
export const ownSchemas: Options = { strict: false, meta: false, validateSchema: false };

const ajv = new Ajv(ownSchemas);

function toViolation({ instancePath, keyword, message = 'is wrong', params }: ErrorObject): Violation {
  const isUnknown = keyword === 'additionalProperties';
  return { path: instancePath, message: isUnknown ? `must not have ${params.additionalProperty}` : message };
}

/** Makes the check of a schema, which is compiled at its first use. */
export function createCheck<Schema extends TSchema>(schema: Schema): Check<Static<Schema>> {
  let compiled: ValidateFunction<Static<Schema>> | undefined;
  function validate(value: unknown): value is Static<Schema> {
    compiled ??= ajv.compile<Static<Schema>>(schema);
    return compiled(value);
  }
  return {
    matches: validate,
    violation(value) {
      const [first] = validate(value) ? [] : (compiled?.errors ?? []);
      return first && toViolation(first);
    },
  };
}
