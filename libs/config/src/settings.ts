import { existsSync, readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';
import { createCheck } from './check.ts';
import { SettingError } from './errors.ts';
import { type Static, type TObject, type TSchema, Type } from './schema.ts';

/** Where settings come from: names to raw text, as in `process.env`. */
export type Environment = Readonly<Record<string, string | undefined>>;

interface SettingSchema {
  type?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  pattern?: string;
  enum?: readonly string[];
  expected?: string;
  secret?: boolean;
}

type SettingOptions = {
  description: string;
  /** What a right value is, for the message about a wrong one; said by the type when left out. */
  expected?: string;
};

/** Makers of the schemas of single settings; an object of them is what `readSettings` takes. */
export const setting = {
  /** Any text that is not empty. */
  text: (options: SettingOptions & { default?: string; pattern?: string }) => Type.String({ minLength: 1, ...options }),
  /** Text that never appears in a log or message. */
  secret: (options: SettingOptions & { minLength?: number; pattern?: string }) =>
    Type.Optional(Type.String({ minLength: 1, ...options, secret: true })),
  /** Text that may be left out. */
  optional: (options: SettingOptions & { pattern?: string }) =>
    Type.Optional(Type.String({ minLength: 1, ...options })),
  /** A whole number. */
  integer: (options: SettingOptions & { default: number; minimum: number; maximum: number }) => Type.Integer(options),
  /** `true` or `false`, also `1` or `0`. */
  boolean: (options: SettingOptions & { default: boolean }) => Type.Boolean(options),
  /** One of a few words. */
  choice: <const Words extends string[]>(words: Words, options: SettingOptions & { default: Words[number] }) =>
    Type.Unsafe<Words[number]>({ type: 'string', enum: words, ...options }),
};

const flags: Readonly<Record<string, boolean>> = { true: true, '1': true, false: false, '0': false };

function convert(schema: SettingSchema, raw: string): unknown {
  if (schema.type === 'integer') return /^-?\d+$/.test(raw.trim()) ? Number(raw) : raw;
  if (schema.type === 'boolean') return flags[raw.trim().toLowerCase()] ?? raw;
  return raw;
}

function expectation(schema: SettingSchema): string {
  if (schema.expected) return schema.expected;
  if (schema.enum) return `one of ${schema.enum.join(', ')}`;
  if (schema.type === 'integer') return `a whole number from ${schema.minimum} to ${schema.maximum}`;
  if (schema.type === 'boolean') return 'true or false';
  return schema.pattern ? `text that matches ${schema.pattern}` : 'text that is not empty';
}

/**
 * The raw text of a variable: its own, or that of the file which `<NAME>_FILE` names, without the end of its last line.
 * So a secret need not be in the environment, which whoever may inspect a process can read.
 *
 * @returns undefined when neither is set; an empty variable counts as unset
 * @throws SettingError when both are set, or the file cannot be read
 */
export function readVariable(environment: Environment, name: string): string | undefined {
  const value = environment[name] || undefined;
  const variable = `${name}_FILE`;
  const file = environment[variable];
  if (!file) return value;
  if (value !== undefined) throw new SettingError(variable, `nothing, since ${name} is set as well`, `"${file}"`);
  try {
    return readFileSync(file, 'utf8').replace(/\r?\n$/, '') || undefined;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    throw new SettingError(variable, 'a file that can be read', `"${file}" (${code})`);
  }
}

/**
 * Reads a service's settings from the environment.
 *
 * @param schema an object schema whose properties are named as their variables
 * @param environment the variables, each of which may be read from a file; see `readVariable`
 * @returns the typed values, defaults filled in
 * @throws SettingError for the first variable that is missing or wrong; a secret's value is not shown
 */
export function readSettings<Settings extends TObject>(schema: Settings, environment: Environment): Static<Settings> {
  const values: Record<string, unknown> = {};
  const required = new Set<string>((schema.required ?? []) as string[]);
  for (const [name, property] of Object.entries<TSchema>(schema.properties)) {
    const described = property as SettingSchema;
    const raw = readVariable(environment, name);
    if (raw === undefined) {
      if (described.default !== undefined) values[name] = described.default;
      else if (required.has(name)) throw new SettingError(name, expectation(described), 'nothing');
      continue;
    }
    const value = convert(described, raw);
    if (!createCheck(property).matches(value)) {
      throw new SettingError(name, expectation(described), described.secret ? 'something else' : JSON.stringify(raw));
    }
    values[name] = value;
  }
  return values as Static<Settings>;
}

/**
 * The process's environment with the settings of a `.env` file beneath it.
 *
 * @param folder where the `.env` file is looked for; it may be missing
 * @param environment what wins over the file
 */
export function withEnvFile(folder: string, environment: Environment): Environment {
  const file = `${folder}/.env`;
  if (!existsSync(file)) return environment;
  return { ...parseEnv(readFileSync(file, 'utf8')), ...environment };
}
