import { contracts, variablePrefix } from '@weave-nn/clients';
import type { TObject, TSchema } from '@weave-nn/config';
import { ProcessSettings, type ServiceDefinition } from '@weave-nn/service';

interface SettingSchema {
  description?: string;
  default?: unknown;
  minimum?: number;
  maximum?: number;
  enum?: readonly string[];
  expected?: string;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}

function expectationOf({ expected, enum: choices, minimum, maximum }: SettingSchema): string {
  if (expected !== undefined) return expected;
  if (choices) return choices.join(', ');
  return minimum === undefined || maximum === undefined ? '' : `${minimum} to ${maximum}`;
}

function cellsOf([name, schema]: [string, TSchema]): string[] {
  const setting = schema as SettingSchema;
  const fallback = setting.default === undefined || setting.default === '' ? '' : `\`${String(setting.default)}\``;
  return [`\`${name}\``, fallback, setting.description ?? '', expectationOf(setting)].map(cell);
}

function tableOf(settings: TObject): string[] {
  const head = ['setting', 'default', 'what it sets', 'values'];
  const rows = Object.entries(settings.properties as Record<string, TSchema>).map(cellsOf);
  const widths = head.map((_, column) => Math.max(...[head, ...rows].map((cells) => cells[column]?.length ?? 0)));
  const line = (cells: readonly string[]) =>
    `| ${cells.map((each, column) => each.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line), ''];
}

/** Every setting of every service, as a page of the documentation. */
export function describeSettings(definitions: readonly ServiceDefinition[]): string {
  const urls = contracts
    .filter(({ name }) => name !== 'gateway')
    .map(({ name }) => `\`${variablePrefix(name)}_SERVICE_URL\``);
  const ordered = definitions
    .filter(({ settings }) => Object.keys(settings.properties).length > 0)
    .toSorted((one, other) => one.port - other.port);
  return [
    '# Settings',
    '',
    'Settings are environment variables, also read from `.env` in the working directory. A value that is wrong ends the',
    'start with one line that names the variable. A name with `_FILE` after it names a file that holds the value.',
    'This page is derived from the code by `npm run derive`.',
    '',
    '## Every process',
    '',
    ...tableOf(ProcessSettings),
    `A service that runs in another process is named by its URL, or several with commas between them: ${urls.join(', ')}.`,
    'The database of one service alone is set by the same prefix and `_DATABASE_URL`.',
    '',
    ...ordered.flatMap(({ name, settings }) => [`## ${name}`, '', ...tableOf(settings)]),
  ]
    .join('\n')
    .trimEnd()
    .concat('\n');
}
