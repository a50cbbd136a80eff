import { stringify } from 'yaml';

// Multi-line text is written on one line in double quotes, so that what follows a value stays outside of it.
const OPTIONS = {
  version: '1.2',
  schema: 'core',
  lineWidth: 0,
  blockQuote: false,
  flowCollectionPadding: false,
} as const;

function written(value: unknown, collectionStyle: 'any' | 'flow'): string {
  return stringify(value, { ...OPTIONS, collectionStyle }).trimEnd();
}

/** A property name as YAML. Never throws. */
export function keyYaml(key: string): string {
  return written({ [key]: 0 }, 'any').slice(0, -': 0'.length);
}

/** `key: value` as YAML without a final line break, lists and objects in block style. */
export function pairYaml(key: string, value: unknown, lineBreak: string): string {
  return written({ [key]: value }, 'any').replaceAll('\n', lineBreak);
}

/** A JSON value as YAML on one line, to stand after `- `. */
export function inlineYaml(value: unknown): string {
  return written(value, 'flow');
}

/** A JSON value as YAML on one line, to stand between the commas of a flow list. */
export function flowYaml(value: unknown): string {
  return written([value], 'flow').slice(1, -1);
}
