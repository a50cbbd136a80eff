import { ownSchemas, type TSchema } from '@weave-nn/config';
import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv';
import addFormats from 'ajv-formats';
import type { FastifySchemaCompiler } from 'fastify';

const options: Options = { ...ownSchemas, removeAdditional: false, useDefaults: true, allErrors: false, verbose: true };
const body = new Ajv(options);
const text = new Ajv({ ...options, coerceTypes: 'array' });
for (const ajv of [body, text]) addFormats.default(ajv);

interface FastifyValidation {
  (data: unknown): boolean;
  errors?: ErrorObject[] | null;
}

/**
 * Checks requests against their schemas: unknown fields are refused, and only what arrives as text
 * (path, query, headers) is converted to its type.
 */
export const compileValidator: FastifySchemaCompiler<TSchema> = ({ schema, httpPart }) =>
  whenUsed(() => (httpPart === 'body' ? body : text).compile(schema));

/** A validator that is compiled at its first use: most routes of a process are never asked for. */
function whenUsed(compile: () => ValidateFunction): FastifyValidation {
  let compiled: ValidateFunction | undefined;
  const validate: FastifyValidation = (data) => {
    compiled ??= compile();
    const isValid = compiled(data) as boolean;
    validate.errors = compiled.errors ?? null;
    return isValid;
  };
  return validate;
}
