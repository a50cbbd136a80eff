/** An OpenAPI 3.1 document, as far as it is merged. */
export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string; description?: string };
  paths?: Record<string, unknown>;
  components?: {
    schemas?: Record<string, unknown>;
    responses?: Record<string, unknown>;
    securitySchemes?: Record<string, unknown>;
  };
  security?: unknown[];
}

/** Fastify's wildcard and escaped colon as OpenAPI writes them. */
function publicPath(path: string): string {
  return path.replace('/{*}', '/{path}').replace('/*', '/{path}').replaceAll('::', ':');
}

function renameWildcard(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(renameWildcard);
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([name, inner]) => [name, renameWildcard(inner)]);
  const object = Object.fromEntries(entries);
  return object.in === 'path' && object.name === '*' ? { ...object, name: 'path' } : object;
}

/** What every operation may answer besides what its service says of it: a problem document (RFC 9457). */
const problem = {
  description: 'Why the request was refused or could not be served',
  content: {
    'application/problem+json': {
      schema: {
        type: 'object',
        required: ['type', 'title', 'status', 'code', 'detail', 'requestId'],
        properties: {
          type: { type: 'string', description: '`urn:weave-nn:problem:` and the code' },
          title: { type: 'string' },
          status: { type: 'integer' },
          code: { type: 'string', description: 'stable, for programs' },
          detail: { type: 'string', description: 'what happened, for people' },
          requestId: { type: 'string', description: 'under which the log has more' },
          errors: {
            type: 'array',
            items: {
              type: 'object',
              required: ['field', 'message'],
              properties: { field: { type: 'string' }, message: { type: 'string' } },
            },
          },
        },
      },
    },
  },
};
const problemStatuses = Object.fromEntries(
  ['4XX', '503', '504'].map((status) => [status, { $ref: '#/components/responses/Problem' }]),
);

function withProblems(item: unknown): unknown {
  const operations = Object.entries(item as Record<string, { responses?: object }>).map(([method, operation]) => [
    method,
    { ...operation, responses: { ...operation.responses, ...problemStatuses } },
  ]);
  return Object.fromEntries(operations);
}

/** Puts the services' descriptions together to one of the whole. */
export function mergeOpenApi(documents: readonly OpenApiDocument[], version: string): OpenApiDocument {
  const paths: Record<string, unknown> = {};
  const schemas: Record<string, unknown> = {};
  for (const document of documents) {
    for (const [path, item] of Object.entries(document.paths ?? {})) {
      paths[publicPath(path)] = withProblems(renameWildcard(item));
    }
    Object.assign(schemas, document.components?.schemas);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Weave-NN', version, description: 'A folder of markdown notes over HTTP.' },
    paths,
    components: {
      schemas,
      responses: { Problem: problem },
      securitySchemes: { key: { type: 'http', scheme: 'bearer' } },
    },
    security: [{ key: [] }],
  };
}
