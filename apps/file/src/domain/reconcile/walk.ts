import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { comparePaths, normaliseVaultPath } from '@weave-nn/vault';
import { type FileStat, toFileStat, type VaultFolder } from '../vault-folder.ts';
import { TEMPORARY_PREFIX } from '../write/write-group.ts';
import { type Excluded, escapeName, malformedNames } from './excluded-names.ts';

/** Stands for bytes that are not UTF-8, so that the name that has it may be the name of no file. */
const REPLACEMENT = '\uFFFD';
const YIELD_EVERY = 500;
/** Files that are given the first time, and at most; in between twice as many as before. */
const FEWEST_AT_ONCE = 100;
const MAX_AT_ONCE = 500;

/** A file on disk; its state is null where the walk was not to look. */
export interface FoundFile {
  path: string;
  stat: FileStat | null;
}

/** The result of a walk beside the files; complete once all files were given. */
export interface Found {
  /** Folders, as paths relative to the vault; '' is the vault itself. */
  folders: string[];
  /** Names that cannot be part of the vault, and folders that cannot be read. */
  skipped: Excluded[];
  /** Hidden files of our own. */
  temporaries: string[];
}

export interface Walk extends Found {
  /** Every file below the folder, in the order of their paths. */
  files: AsyncIterable<readonly FoundFile[]>;
}

function refusal(path: string): string | null {
  try {
    normaliseVaultPath(path);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

export interface WalkOptions {
  /** Called with each folder before its files are looked for: what comes into it from then on can be noticed. */
  enter?(folder: string): void;
  /** Whether the state of each file is looked at; true when left out. */
  look?: boolean;
}

/**
 * Finds every file below a folder while they are asked for. Hidden names and symbolic links are passed over.
 * Lets other work in now and then, since reading metadata is synchronous here.
 *
 * @param start the folder relative to the vault, '' for all of it; one that is not there has no files
 */
export function walk(folder: VaultFolder, start: string, { enter, look = true }: WalkOptions = {}): Walk {
  const found: Found = { folders: [], skipped: [], temporaries: [] };

  function entriesOf(current: string): Dirent[] {
    enter?.(current);
    try {
      const entries = readdirSync(join(folder.root, current), { withFileTypes: true });
      found.folders.push(current);
      return entries;
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') found.skipped.push({ path: current, reason: message });
      return [];
    }
  }

  function isMalformed(current: string, { name }: Dirent): boolean {
    if (!name.includes(REPLACEMENT)) return false;
    return !lstatSync(join(folder.root, current, name), { throwIfNoEntry: false });
  }

  /** The files and subfolders of a folder, in the order of the paths of all files below it. */
  function contentOf(current: string): { path: string; isFolder: boolean }[] {
    const content: { path: string; isFolder: boolean }[] = [];
    let hasMalformed = false;
    for (const entry of entriesOf(current)) {
      const path = current === '' ? entry.name : `${current}/${entry.name}`;
      if (entry.name.startsWith(TEMPORARY_PREFIX)) found.temporaries.push(path);
      if (entry.name.startsWith('.')) continue;
      if (isMalformed(current, entry)) {
        hasMalformed = true;
        continue;
      }
      const reason = refusal(path);
      if (reason !== null) found.skipped.push({ path: escapeName(path), reason });
      else if (entry.isDirectory() || entry.isFile()) content.push({ path, isFolder: entry.isDirectory() });
    }
    if (hasMalformed) found.skipped.push(...malformedNames(join(folder.root, current), current));
    const key = ({ path, isFolder }: { path: string; isFolder: boolean }) => (isFolder ? `${path}/` : path);
    return content.sort((one, other) => comparePaths(key(one), key(other)));
  }

  function stateOf(path: string): FileStat | null {
    const stat = lstatSync(join(folder.root, path), { bigint: true, throwIfNoEntry: false });
    return stat?.isFile() ? toFileStat(stat) : null;
  }

  async function* files(): AsyncGenerator<readonly FoundFile[]> {
    const waiting = contentOf(start).reverse();
    let batch: FoundFile[] = [];
    let atOnce = FEWEST_AT_ONCE;
    let seen = 0;
    for (let next = waiting.pop(); next !== undefined; next = waiting.pop()) {
      const { path, isFolder } = next;
      const stat = isFolder || !look ? null : stateOf(path);
      if (isFolder) for (const each of contentOf(path).reverse()) waiting.push(each);
      else if (stat || !look) batch.push({ path, stat });
      if (batch.length >= atOnce) {
        atOnce = Math.min(atOnce * 2, MAX_AT_ONCE);
        yield batch;
        batch = [];
      }
      if (++seen % YIELD_EVERY === 0) await setImmediate();
    }
    yield batch;
  }

  return { ...found, files: files() };
}
