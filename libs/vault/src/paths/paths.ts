import { VaultError } from '../errors.ts';
import { decodePercent } from '../links/percent.ts';

const MAX_SEGMENT_BYTES = 255;
const MAX_PATH_BYTES = 4096;
/** Each folder on the way is looked at by its whole path, so that the time for a path grows with the square of its depth. */
const MAX_SEGMENTS = 128;
const MAX_DECODINGS = 8;
// biome-ignore lint/suspicious/noControlCharactersInRegex: control characters are what is refused
const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;
const DRIVE = /^[A-Za-z]:/;
const SEPARATORS = /[/\\]/;

function leavesVault(path: string): boolean {
  if (path.includes('\0') || path.startsWith('/') || path.startsWith('\\') || DRIVE.test(path)) return true;
  if (!path.includes('..')) return false;
  return path.split(SEPARATORS).includes('..');
}

function leavesVaultOnceDecoded(raw: string): boolean {
  let path = raw;
  for (let i = 0; i < MAX_DECODINGS; i++) {
    const decoded = decodePercent(path);
    if (decoded === path) return false;
    if (leavesVault(decoded)) return true;
    path = decoded;
  }
  return true;
}

function invalid(reason: string): VaultError {
  return new VaultError('path-invalid', `The path is not usable: ${reason}.`);
}

/**
 * Checks a path inside the vault.
 *
 * Takes a path relative to the vault's root with `/` between its segments, already percent-decoded; returns it
 * unchanged. Throws `path-outside-vault` for a path that is absolute, names a drive, has a `..` segment (with `/` or
 * `\`), holds a NUL, or would do so after further percent-decoding; throws `path-invalid` for an empty path, empty or
 * `.` segments, control characters, lone surrogates, more than 128 segments, a segment over 255 bytes or a path over
 * 4096 bytes of UTF-8 (Linux's NAME_MAX and PATH_MAX).
 */
export function normaliseVaultPath(raw: string): string {
  if (raw === '') throw invalid('it is empty');
  if (raw.length > MAX_PATH_BYTES) throw invalid(`it is longer than ${MAX_PATH_BYTES} bytes`);
  if (leavesVault(raw) || leavesVaultOnceDecoded(raw)) {
    throw new VaultError('path-outside-vault', 'The path leads outside the vault; use a path relative to its root.');
  }
  if (CONTROL.test(raw)) throw invalid('it contains a control character');
  if (!raw.isWellFormed()) throw invalid('it contains half of a surrogate pair');
  if (Buffer.byteLength(raw) > MAX_PATH_BYTES) throw invalid(`it is longer than ${MAX_PATH_BYTES} bytes`);
  const segments = raw.split('/');
  if (segments.length > MAX_SEGMENTS) throw invalid(`it has more than ${MAX_SEGMENTS} segments`);
  for (const segment of segments) {
    if (segment === '') throw invalid('it has an empty segment');
    if (segment === '.') throw invalid('it has a "." segment');
    if (Buffer.byteLength(segment) > MAX_SEGMENT_BYTES) {
      throw invalid(`a segment is longer than ${MAX_SEGMENT_BYTES} bytes`);
    }
  }
  return raw;
}

/** Whether a text is a path inside the vault as `normaliseVaultPath` accepts it. Never throws. */
export function isVaultPath(path: string): boolean {
  try {
    return normaliseVaultPath(path) === path;
  } catch (error) {
    if (error instanceof VaultError) return false;
    throw error;
  }
}

/** Whether any segment of a vault path starts with `.`, as Obsidian hides such files and folders. Never throws. */
export function isHiddenPath(path: string): boolean {
  return path.startsWith('.') || path.includes('/.');
}

const ASCII = /^[\u0020-\u007e]*$/;
const MAX_FOLDED = 20_000;
/** Names and paths outside ASCII come again and again while links are resolved; normalising costs a microsecond each time. */
const folded = new Map<string, string>();

/** Lower-cased NFC text: equal for texts that differ only in case or in Unicode normalisation. Never throws. */
export function foldCase(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  let found = folded.get(text);
  if (found === undefined) {
    if (folded.size >= MAX_FOLDED) folded.clear();
    // A part of a note's text would keep all of it.
    const copy = structuredClone(text);
    found = copy.normalize('NFC').toLowerCase().normalize('NFC');
    folded.set(copy, found);
  }
  return found;
}

/**
 * Key under which paths collide on a file system that ignores case or Unicode normalisation.
 *
 * Takes a vault path; returns it lower-cased and in NFC. Never throws.
 */
export function collisionKey(path: string): string {
  return foldCase(path);
}

/** Last segment of a vault path. Never throws. */
export function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}

/** Extension of a vault path, lower-cased and without its dot; `''` when it has none. Never throws. */
export function extension(path: string): string {
  const name = baseName(path);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? '' : name.slice(dot + 1).toLowerCase();
}

/** Last segment of a vault path without its extension: `Note` for `a/Note.md`. Never throws. */
export function stem(path: string): string {
  const name = baseName(path);
  const dot = name.lastIndexOf('.');
  return dot <= 0 ? name : name.slice(0, dot);
}

/** Folder of a vault path without a trailing slash; `''` for the root. Never throws. */
export function folderOf(path: string): string {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? '' : path.slice(0, slash);
}

/** Whether a vault path is a note: `.md` or `.markdown`, in any case. Never throws. */
export function isNote(path: string): boolean {
  const kind = extension(path);
  return kind === 'md' || kind === 'markdown';
}
