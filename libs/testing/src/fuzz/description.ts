/** A JSON Schema, as far as values are made from it. */
export interface Schema {
  type?: string | string[];
  enum?: unknown[];
  const?: unknown;
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: boolean | Schema;
  pattern?: string;
  format?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
}

export interface Parameter {
  in: 'path' | 'query' | 'header';
  name: string;
  required?: boolean;
  schema: Schema;
}

interface DescribedOperation {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema?: Schema }> };
  responses: Record<string, unknown>;
}

/** One method of one path. */
export interface Operation {
  /** `GET /v1/files/{path}`. */
  name: string;
  method: string;
  path: string;
  parameters: readonly Parameter[];
  /** Undefined for one that describes no JSON body. */
  bodySchema: Schema | undefined;
  /** `200`, `4XX`, … */
  statuses: readonly string[];
}

/** Reads every operation of an OpenAPI document, in its order. */
export function readOperations(document: { paths: Record<string, Record<string, DescribedOperation>> }): Operation[] {
  return Object.entries(document.paths).flatMap(([path, item]) =>
    Object.entries(item).map(([method, { parameters = [], requestBody, responses }]) => ({
      name: `${method.toUpperCase()} ${path}`,
      method: method.toUpperCase(),
      path,
      parameters,
      bodySchema: requestBody?.content['application/json']?.schema,
      statuses: Object.keys(responses),
    })),
  );
}

/** Whether an operation says that it may answer so: by the status itself, or by its class. */
export function isDocumented({ statuses }: Operation, status: number): boolean {
  return statuses.includes(String(status)) || statuses.includes(`${Math.floor(status / 100)}XX`);
}
