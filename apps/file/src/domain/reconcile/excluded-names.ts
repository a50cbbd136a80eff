import { isUtf8 } from 'node:buffer';
import { readdirSync } from 'node:fs';

/** A name that cannot be part of the vault. */
export interface Excluded {
  /** The path with what cannot be shown escaped, as in `Folder/a\x0ab.md`. */
  path: string;
  reason: string;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is escaped
const CONTROL = /[\u0000-\u001f\u007f-\u009f\\]/g;
const FIRST_PRINTABLE = 0x20;
const LAST_PRINTABLE = 0x7e;

const toHex = (code: number) => `\\x${code.toString(16).padStart(2, '0')}`;

/** A name with its control characters and backslashes escaped. */
export function escapeName(name: string): string {
  return name.replaceAll(CONTROL, (character) => (character === '\\' ? '\\\\' : toHex(character.charCodeAt(0))));
}

function escapeBytes(name: Uint8Array): string {
  const isPrintable = (byte: number) => byte >= FIRST_PRINTABLE && byte <= LAST_PRINTABLE && byte !== 0x5c;
  return [...name].map((byte) => (isPrintable(byte) ? String.fromCharCode(byte) : toHex(byte))).join('');
}

/**
 * The names of a folder that are not valid UTF-8, which Node gives only as bytes.
 *
 * @param absolute the folder
 * @param path the folder's path in the vault, '' for the vault itself
 * @throws what the file system says when the folder cannot be read
 */
export function malformedNames(absolute: string, path: string): Excluded[] {
  const folder = path === '' ? '' : `${escapeName(path)}/`;
  return readdirSync(absolute, { encoding: 'buffer' })
    .filter((name) => !isUtf8(name))
    .map((name) => ({ path: folder + escapeBytes(name), reason: 'The name is not valid UTF-8; rename the file.' }));
}
