import { stripVTControlCharacters } from 'node:util';

const MAX_LENGTH = 2_000;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is left out
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** What a program said, as it can be shown: without colours and control characters, and not too long. */
export function shortened(output: string): string {
  const text = stripVTControlCharacters(output).replaceAll(CONTROL, '').trim();
  return text.length <= MAX_LENGTH ? text : `${text.slice(0, MAX_LENGTH)}…`;
}
