/** An OpenAPI 3.1 document, as far as it is merged. */
export interface OpenApiDocument {
  openapi: string;
  info: { title: string; version: string; description?: string };
  paths?: Record<string, unknown>;
  components?: { schemas?: Record<string, unknown>; securitySchemes?: Record<string, unknown> };
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

/** Puts the services' descriptions together to one of the whole. */
export function mergeOpenApi(documents: readonly OpenApiDocument[], version: string): OpenApiDocument {
  const paths: Record<string, unknown> = {};
  const schemas: Record<string, unknown> = {};
  for (const document of documents) {
    for (const [path, item] of Object.entries(document.paths ?? {})) paths[publicPath(path)] = renameWildcard(item);
    Object.assign(schemas, document.components?.schemas);
  }
  return {
    openapi: '3.1.0',
    info: { title: 'Weave-NN', version, description: 'A folder of markdown notes over HTTP.' },
    paths,
    components: { schemas, securitySchemes: { key: { type: 'http', scheme: 'bearer' } } },
    security: [{ key: [] }],
  };
}
