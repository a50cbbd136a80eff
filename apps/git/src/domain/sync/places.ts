import { chmodSync, readdirSync, rmdirSync } from 'node:fs';
import { join } from 'node:path';
import { pause, type Runtime } from '@weave-nn/config';
import { collisionKey } from '@weave-nn/vault';
import type { IndexChange } from '../commit/private-index.ts';
import { entryAt, foldersAbove } from '../entry.ts';
import { TEMPORARY_FILES } from '../owner/exclude.ts';
import type { Git } from '../program/git.ts';

const EXECUTABLE = '100755';
const FILE_MODES: ReadonlySet<string> = new Set(['100644', EXECUTABLE]);
const TEMPORARY_PREFIX = TEMPORARY_FILES.replace('*', '');
const ANY_EXECUTE = 0o111;
const ANY_READ = 0o444;
/** The file service keeps what it removed beside it for about a second. */
const PATIENCE_MS = 10_000;
const POLL_INTERVAL_MS = 50;

/** The vault's folder, where a synchronisation does what is not the file service's: modes, links and emptied folders. */
export function createPlaces(git: Git, folder: string, runtime: Runtime) {
  const emptied = new Set<string>();

  const stat = (path: string) => entryAt(join(folder, path));

  /** Whether no folder above a path is a symbolic link or a file, so that what is written there stays in the vault. */
  function isReachable(path: string): boolean {
    return foldersAbove(path).every((each) => stat(each)?.isDirectory() ?? true);
  }

  /** @returns false while only files are in it that are there for a moment */
  function removeIfEmpty(path: string): boolean {
    if (!isReachable(`${path}/x`)) return true;
    try {
      rmdirSync(join(folder, path));
      return true;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') return true;
    }
    const isForAMoment = (name: string) => name.startsWith(TEMPORARY_PREFIX) || emptied.has(`${path}/${name}`);
    return !readdirSync(join(folder, path)).every(isForAMoment);
  }

  /** Removes those of the noted folders that are empty by now, the innermost first, as git does. */
  function removeEmptied(): void {
    for (const path of [...emptied].sort((one, other) => other.length - one.length)) {
      if (removeIfEmpty(path)) emptied.delete(path);
    }
  }

  async function keepsModes(): Promise<boolean> {
    const { text } = await git.read({ args: ['config', '--type=bool', '--get', 'core.fileMode'], answers: [1] });
    return text.trim() !== 'false';
  }

  return {
    isReachable,
    removeEmptied,

    /** Notes the folders that removals may have left empty. */
    noteRemoved(changes: readonly IndexChange[]): void {
      for (const { path, after } of changes) if (!after) for (const each of foldersAbove(path)) emptied.add(each);
    },

    /** The same, and waits until what the file service keeps in the folders of these names for a moment is gone. */
    async makeRoom(paths: readonly string[]): Promise<void> {
      const names = new Set(paths.map(collisionKey));
      const isInTheWay = () => [...emptied].some((each) => names.has(collisionKey(each)));
      const deadline = runtime.monotonic() + PATIENCE_MS;
      for (removeEmptied(); isInTheWay() && runtime.monotonic() < deadline; removeEmptied()) {
        await pause(runtime, POLL_INTERVAL_MS);
      }
    },

    /** Makes files executable, or not, as a commit has them; one whose mode was changed here stays as it is. */
    async applyModes(changes: readonly IndexChange[]): Promise<void> {
      const ofFiles = changes.filter(({ before, after }) => {
        return after && FILE_MODES.has(after.mode) && after.mode !== (before?.mode ?? '100644');
      });
      if (ofFiles.length === 0 || !(await keepsModes())) return;
      for (const { path, before, after } of ofFiles) {
        const found = isReachable(path) ? stat(path) : undefined;
        if (!found?.isFile()) continue;
        const isExecutable = (found.mode & ANY_EXECUTE) !== 0;
        if (isExecutable !== (before?.mode === EXECUTABLE)) continue;
        // Whoever may read it may execute it.
        const execute = after?.mode === EXECUTABLE ? (found.mode & ANY_READ) >> 2 : 0;
        chmodSync(join(folder, path), (found.mode & 0o777 & ~ANY_EXECUTE) | execute);
      }
    },
  };
}

export type Places = ReturnType<typeof createPlaces>;
