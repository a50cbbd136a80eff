import { type Dirent, lstatSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { normaliseVaultPath } from '@weave-nn/vault';
import { type Excluded, escapeName, malformedNames } from './excluded-names.ts';
import { type FileStat, toFileStat, type VaultFolder } from './vault-folder.ts';
import { TEMPORARY_PREFIX } from './write-group.ts';

/** Stands for bytes that are not UTF-8, so that the name that has it may be the name of no file. */
const REPLACEMENT = '\uFFFD';
const YIELD_EVERY = 500;
/** Files that are handed over the first time, and at most; in between twice as many as before. */
const FEWEST_AT_ONCE = 100;
const MOST_AT_ONCE = 500;

/** What a walk over the vault, or over one folder of it, found. */
export interface Walked {
  files: Map<string, FileStat>;
  /** Folders, as paths relative to the vault; '' is the vault itself. */
  folders: string[];
  /** Names that cannot be part of the vault, and folders that cannot be read. */
  skipped: Excluded[];
  /** Hidden files of our own. */
  temporaries: string[];
}

function refusal(path: string): string | null {
  try {
    normaliseVaultPath(path);
    return null;
  } catch (error) {
    return (error as Error).message;
  }
}

/** What whoever walks does on the way. */
export interface WalkOptions {
  /** Called with each folder before its files are looked for: what comes into it from then on can be noticed. */
  enter?(folder: string): void;
  /** Is given the paths of files as they are found, which are not looked at, instead of whoever asked once all are. */
  take?(paths: string[]): Promise<void>;
}

/**
 * Finds every file below a folder. Hidden names and symbolic links are passed over.
 * Lets other work in now and then, since reading metadata is synchronous here.
 *
 * @param start the folder relative to the vault, '' for all of it; one that is not there has no files
 */
export async function walk(folder: VaultFolder, start: string, { enter, take }: WalkOptions = {}): Promise<Walked> {
  const walked: Walked = { files: new Map(), folders: [], skipped: [], temporaries: [] };
  const waiting = [start];
  let seen = 0;
  let found: string[] = [];
  let atOnce = FEWEST_AT_ONCE;

  async function handOver() {
    const paths = found;
    found = [];
    atOnce = Math.min(atOnce * 2, MOST_AT_ONCE);
    await take?.(paths);
  }

  for (let current = waiting.pop(); current !== undefined; current = waiting.pop()) {
    const absolute = join(folder.root, current);
    enter?.(current);
    let entries: Dirent[];
    try {
      entries = readdirSync(absolute, { withFileTypes: true });
    } catch (error) {
      const { code, message } = error as NodeJS.ErrnoException;
      if (code !== 'ENOENT' && code !== 'ENOTDIR') walked.skipped.push({ path: current, reason: message });
      continue;
    }
    walked.folders.push(current);
    let hasMalformed = false;
    for (const entry of entries) {
      const path = current === '' ? entry.name : `${current}/${entry.name}`;
      if (entry.name.startsWith(TEMPORARY_PREFIX)) walked.temporaries.push(path);
      if (entry.name.startsWith('.')) continue;
      if (entry.name.includes(REPLACEMENT) && !lstatSync(join(absolute, entry.name), { throwIfNoEntry: false })) {
        hasMalformed = true;
        continue;
      }
      const reason = refusal(path);
      if (reason !== null) {
        walked.skipped.push({ path: escapeName(path), reason });
        continue;
      }
      if (entry.isDirectory()) waiting.push(path);
      if (take && entry.isFile()) found.push(path);
      else if (entry.isFile()) {
        const stat = lstatSync(join(absolute, entry.name), { bigint: true, throwIfNoEntry: false });
        if (stat?.isFile()) walked.files.set(path, toFileStat(stat));
      }
      if (found.length >= atOnce) await handOver();
      if (++seen % YIELD_EVERY === 0) await setImmediate();
    }
    if (hasMalformed) walked.skipped.push(...malformedNames(absolute, current));
  }
  if (take) await handOver();
  return walked;
}
