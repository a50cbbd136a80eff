import type { TSchema } from '@weave-nn/config';
import build from 'fast-json-stringify';
import type { FastifySerializerCompiler } from 'fastify';

/** Writes answers as their schemas say; like the checks of requests, each is compiled at its first use. */
export const compileSerializer: FastifySerializerCompiler<TSchema> = ({ schema }) => {
  let serialize: ((data: unknown) => string) | undefined;
  return (data) => {
    serialize ??= build(schema as object);
    return serialize(data);
  };
};
