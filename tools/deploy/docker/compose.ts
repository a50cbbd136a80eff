import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { Ajv } from 'ajv';
import { parse } from 'yaml';

/** The part of a compose file that is judged here; its schema says the rest. */
export interface ComposeFile {
  name?: string;
  services: Record<string, ComposeService>;
  volumes?: Record<string, unknown>;
  networks?: Record<string, unknown>;
  secrets?: Record<string, { file: string }>;
}

export interface ComposeService {
  image?: string;
  build?: { context: string; dockerfile: string; args: Record<string, string> };
  environment?: Record<string, string>;
  secrets?: (string | { source: string; target: string })[];
  volumes?: string[];
  networks?: string[];
  ports?: string[];
  depends_on?: Record<string, { condition: string }>;
  healthcheck?: { test: string[] };
  restart?: string;
  user?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  stop_grace_period?: string;
  mem_limit?: string;
  profiles?: string[];
}

/** Puts defaults in place of `${NAME:-default}`, as where nobody sets anything; `${NAME:?message}` gets the message. */
function interpolate(text: string): string {
  return text.replaceAll(/\$\{\w+:[-?]([^}]*)\}/g, '$1');
}

/** Reads a compose file with the anchors merged and the variables of its user at their defaults. */
export function readCompose(path: string): ComposeFile {
  const file = parse(readFileSync(path, 'utf8'), { merge: true });
  return JSON.parse(JSON.stringify(file), (_key, value) => (typeof value === 'string' ? interpolate(value) : value));
}

/** The Compose Specification's own schema, which the linter of compose files ships. */
const schemaFile = join(
  dirname(import.meta.resolve('dclint').slice('file://'.length)),
  '../schemas/compose.schema.json',
);

/**
 * Holds a compose file against the schema of the Compose Specification.
 *
 * @returns a sentence for each problem
 */
export function checkComposeSchema(file: unknown): string[] {
  const { $schema: _, ...schema } = JSON.parse(readFileSync(schemaFile, 'utf8'));
  const ajv = new Ajv({ strict: false, allErrors: true, logger: false });
  const validate = ajv.compile(schema);
  validate(file);
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`);
}
