import type { ErrorObject } from 'ajv';

/** What is wrong with one field of a request. */
export interface FieldIssue {
  /** Where it is: `body.source.path`, `querystring.limit`. */
  field: string;
  /** What was expected there and what was found. */
  message: string;
}

const MAX_SHOWN_LENGTH = 60;

const formats: Readonly<Record<string, string>> = {
  date: 'a day that there is, as in 2026-12-31',
  'date-time': 'a time with its zone, as in 2026-12-31T12:00:00Z',
  uuid: 'an id such as 01a20fc9-a663-727b-b5a5-de25293008d7',
  uri: 'a URL',
};

const types: Readonly<Record<string, string>> = {
  string: 'text',
  integer: 'a whole number',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
  null: 'null',
};

/** A value as a message shows it: as JSON, and not all of a long one. */
function shown(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (Array.isArray(value)) return `a list of ${value.length}`;
  if (typeof value === 'object' && value !== null) return 'an object';
  const text = JSON.stringify(value).toWellFormed();
  return text.length > MAX_SHOWN_LENGTH ? `${text.slice(0, MAX_SHOWN_LENGTH)}… (${text.length} characters)` : text;
}

function oneOf(values: readonly unknown[]): string {
  const all = values.map((value) => (typeof value === 'string' ? value : JSON.stringify(value)));
  return all.length === 1 ? `${all[0]}` : `one of ${all.join(', ')}`;
}

function typeNames(type: string | readonly string[]): string {
  return [type]
    .flat()
    .map((name) => types[name] ?? name)
    .join(' or ');
}

/** What a value had to be, for each keyword of JSON Schema that routes use. */
function expectation({ keyword, params, schema }: ErrorObject): string {
  const limit = params.limit as number;
  const number = (name: string) => `${limit} ${name}${limit === 1 ? '' : 's'}`;
  switch (keyword) {
    case 'type':
      return typeNames(params.type);
    case 'enum':
      return oneOf(params.allowedValues);
    case 'const':
      return oneOf([params.allowedValue]);
    case 'format':
      return formats[params.format] ?? `text in the format ${params.format}`;
    case 'pattern':
      return `text that the pattern ${params.pattern} fits`;
    case 'minimum':
      return `at least ${limit}`;
    case 'maximum':
      return `at most ${limit}`;
    case 'exclusiveMinimum':
      return `more than ${limit}`;
    case 'exclusiveMaximum':
      return `less than ${limit}`;
    case 'multipleOf':
      return `a multiple of ${params.multipleOf}`;
    case 'minLength':
      return limit === 1 ? 'text that is not empty' : `text of at least ${number('character')}`;
    case 'maxLength':
      return `text of at most ${number('character')}`;
    case 'minItems':
      return `a list of at least ${number('item')}`;
    case 'maxItems':
      return `a list of at most ${number('item')}`;
    case 'uniqueItems':
      return 'a list without the same item twice';
    case 'minProperties':
      return `at least ${number('field')}`;
    case 'maxProperties':
      return `at most ${number('field')}`;
    default:
      return `what the schema allows (${keyword}: ${shown(schema)})`;
  }
}

/** The branch of a union that an error is in, by the path of its schema; null for none. */
function branchOf(error: ErrorObject, union: ErrorObject): string | null {
  if (!error.schemaPath.startsWith(`${union.schemaPath}/`)) return null;
  return error.schemaPath.slice(union.schemaPath.length + 1).split('/')[0] ?? null;
}

const depth = ({ instancePath }: ErrorObject) => instancePath.split('/').length;

/** The errors of each branch that came furthest into the value: most likely one of those was meant. */
function closestOf(errors: readonly ErrorObject[], union: ErrorObject): ErrorObject[][] {
  const branches = [...Map.groupBy(errors, (error) => branchOf(error, union)).values()];
  const furthest = Math.max(...errors.map(depth));
  return branches.filter((branch) => branch.some((error) => depth(error) === furthest));
}

interface Form {
  properties?: Readonly<Record<string, { const?: unknown }>>;
}

/** The property by whose value the forms of a union are told apart, and which form each value stands for. */
function tagOf({ schema }: ErrorObject): { name: string; values: unknown[] } | undefined {
  const forms = schema as unknown as readonly Form[];
  const name = Object.keys(forms[0]?.properties ?? {}).find((each) =>
    forms.every(({ properties }) => properties?.[each]?.const !== undefined),
  );
  return name === undefined ? undefined : { name, values: forms.map(({ properties }) => properties?.[name]?.const) };
}

/** Words for values that are allowed side by side, as in `text or null`. */
function alternatives(errors: readonly ErrorObject[]): string {
  const values = errors.flatMap(({ keyword, params }) =>
    keyword === 'const' ? [params.allowedValue] : keyword === 'enum' ? params.allowedValues : [],
  );
  const others = errors.filter(({ keyword }) => keyword !== 'const' && keyword !== 'enum').map(expectation);
  return [...(values.length > 0 ? [oneOf(values)] : []), ...new Set(others)].join(', or ');
}

function fieldOf(context: string, { instancePath }: ErrorObject, last?: string): string {
  const steps = instancePath
    .split('/')
    .slice(1)
    .map((step) => step.replaceAll('~1', '/').replaceAll('~0', '~'));
  return [context, ...steps, ...(last === undefined ? [] : [last])].join('.');
}

function toIssue(context: string, error: ErrorObject): FieldIssue {
  const { keyword, params, data, parentSchema } = error;
  if (keyword === 'required') return { field: fieldOf(context, error, params.missingProperty), message: 'is missing' };
  if (keyword === 'additionalProperties' || keyword === 'unevaluatedProperties') {
    const name: string = params.additionalProperty ?? params.unevaluatedProperty;
    const known = Object.keys((parentSchema?.properties as object | undefined) ?? {});
    const rest = known.length > 0 ? `; known are ${known.join(', ')}` : '';
    return { field: fieldOf(context, error, name), message: `is not known${rest}` };
  }
  return { field: fieldOf(context, error), message: `expected ${expectation(error)}, found ${shown(data)}` };
}

function describeUnion(errors: readonly ErrorObject[], union: ErrorObject, context: string): FieldIssue[] {
  const inside = errors.filter((error) => error !== union && branchOf(error, union) !== null);
  const tag = tagOf(union);
  if (tag && typeof union.data === 'object' && union.data !== null) {
    const value = (union.data as Record<string, unknown>)[tag.name];
    const form = tag.values.indexOf(value);
    const field = fieldOf(context, union, tag.name);
    if (form < 0) return [{ field, message: `expected ${oneOf(tag.values)}, found ${shown(value)}` }];
    return describeIssues(
      inside.filter((error) => branchOf(error, union) === String(form)),
      context,
    );
  }
  const closest = closestOf(inside, union);
  const firsts = closest.flatMap(([first]) => first ?? []);
  const [first] = firsts;
  if (!first) return [toIssue(context, union)];
  const areValues = firsts.every(
    ({ keyword, instancePath }) =>
      instancePath === first.instancePath && keyword !== 'required' && keyword !== 'additionalProperties',
  );
  if (!areValues) return describeIssues(closest[0] ?? [], context);
  return [{ field: fieldOf(context, first), message: `expected ${alternatives(firsts)}, found ${shown(first.data)}` }];
}

/**
 * Says in words what a validator found wrong with a request.
 *
 * @param errors of Ajv with `verbose`, all for one part of the request
 * @param context the part: `body`, `querystring`, `params` or `headers`
 * @returns an issue for each field; at least one
 */
export function describeIssues(errors: readonly ErrorObject[], context: string): FieldIssue[] {
  const union = errors.findLast(({ keyword }) => keyword === 'anyOf' || keyword === 'oneOf');
  return union ? describeUnion(errors, union, context) : errors.map((error) => toIssue(context, error));
}
