import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { type Check, createCheck, type Static, Type } from '@weave-nn/config';
import { parse } from 'yaml';
import { GitError } from '../../errors.ts';

/** Where a person writes the rules, relative to the vault. */
export const RULES_FILE = '.weave/validation.yml';

const closed = { additionalProperties: false };
const common = {
  level: Type.Optional(Type.Unsafe<'warn' | 'block'>({ type: 'string', enum: ['warn', 'block'] })),
  folder: Type.Optional(Type.String({ minLength: 1 })),
};
const Rule = Type.Union([
  Type.Object({ rule: Type.Literal('frontmatter'), ...common }, closed),
  Type.Object(
    {
      rule: Type.Literal('properties'),
      ...common,
      required: Type.Array(Type.String({ minLength: 1 }), { minItems: 1 }),
    },
    closed,
  ),
  Type.Object({ rule: Type.Literal('links'), ...common }, closed),
  Type.Object({ rule: Type.Literal('secrets'), ...common }, closed),
  Type.Object(
    {
      rule: Type.Literal('size'),
      ...common,
      max: Type.Union([Type.Integer({ minimum: 0 }), Type.String({ pattern: '^\\d+(\\.\\d+)? ?([kMG]B|B)$' })]),
    },
    closed,
  ),
]);
const rulesFile = createCheck(Type.Object({ rules: Type.Array(Rule) }, closed));
const checks = new Map<unknown, Check<unknown>>(
  Rule.anyOf.map((schema) => [schema.properties.rule.const, createCheck(schema)]),
);

export type Rule = Static<typeof Rule>;

const units: Readonly<Record<string, number>> = { B: 1, kB: 1e3, MB: 1e6, GB: 1e9 };

/** A size as rules give it, in bytes. */
export function bytesOf(size: string | number): number {
  if (typeof size === 'number') return size;
  const [, number = '0', unit = 'B'] = /^([\d.]+) ?(\w+)$/.exec(size) ?? [];
  return Number(number) * (units[unit] ?? 1);
}

function refuse(reason: string): never {
  throw new GitError('rules-invalid', `${RULES_FILE}: ${reason}; nothing is committed until it is right`);
}

function whatIsWrong(value: unknown): string {
  const rules = (value as { rules?: unknown } | null)?.rules;
  if (!Array.isArray(rules)) return 'expected a list called rules';
  for (const [index, rule] of rules.entries()) {
    const at = `rules[${index}]`;
    const name = (rule as { rule?: unknown } | null)?.rule;
    const check = checks.get(name);
    if (!check) return `${at}: rule is one of ${[...checks.keys()].join(', ')}`;
    const wrong = check.violation(rule);
    if (wrong) return `${at} (${name}): ${wrong.path.slice(1) || 'it'} ${wrong.message}`;
  }
  return 'only rules are expected';
}

/**
 * The rules of a vault, read again when their file has changed.
 *
 * @returns reads them; throws GitError `rules-invalid` that says what is wrong
 */
export function createRules(vault: string) {
  const file = join(vault, RULES_FILE);
  let known: { stamp: string; rules: readonly Rule[] } | undefined;

  /** Changes with the file; empty where there is none. */
  function stamp(): string {
    const stat = statSync(file, { bigint: true, throwIfNoEntry: false });
    return stat ? `${stat.mtimeNs}:${stat.size}:${stat.ino}` : '';
  }

  return {
    stamp,
    read(): readonly Rule[] {
      const present = stamp();
      if (known?.stamp === present) return known.rules;
      if (present === '') return [];
      let value: unknown;
      try {
        value = parse(readFileSync(file, 'utf8'), { maxAliasCount: 10 });
      } catch (error) {
        refuse((error as Error).message.split('\n', 1)[0] ?? 'it is no YAML');
      }
      if (!rulesFile.matches(value)) refuse(whatIsWrong(value));
      known = { stamp: present, rules: value.rules };
      return value.rules;
    },
  };
}

export type Rules = ReturnType<typeof createRules>;
