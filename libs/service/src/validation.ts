import { Ajv, type Options } from 'ajv';
import addFormats from 'ajv-formats';
import type { FastifySchemaCompiler } from 'fastify';
import type { TSchema } from 'typebox';

const options: Options = { removeAdditional: false, useDefaults: true, allErrors: false, strict: false };

/**
 * Checks requests against their schemas: unknown fields are refused, and only what arrives as text
 * (path, query, headers) is converted to its type.
 */
export function createValidator(): FastifySchemaCompiler<TSchema> {
  const body = new Ajv(options);
  const text = new Ajv({ ...options, coerceTypes: 'array' });
  for (const ajv of [body, text]) addFormats.default(ajv);
  return ({ schema, httpPart }) => (httpPart === 'body' ? body : text).compile(schema);
}
