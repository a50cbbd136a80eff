import { rmdirSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { type GitError, isGitError } from '../../errors.ts';
import type { IndexChange, PrivateIndex } from '../commit/private-index.ts';
import { entryAt } from '../entry.ts';
import type { Repository } from '../repository.ts';
import type { Journey } from './bring-file.ts';
import type { Places } from './places.ts';

/** Brings files that are git's own business, as settings and symbolic links are, which are kept as git keeps them. */
export function createBringOthers({
  repository,
  index,
  places,
}: {
  repository: Repository;
  index: PrivateIndex;
  places: Places;
}) {
  const { folder } = repository;

  /** Removes a file or link, never what it points to; a folder, as of a submodule, only when it is empty. */
  function remove(path: string): void {
    const absolute = join(folder, path);
    try {
      if (entryAt(absolute)?.isDirectory()) rmdirSync(absolute);
      else unlinkSync(absolute);
    } catch (error) {
      const { code = '' } = error as NodeJS.ErrnoException;
      if (!['ENOENT', 'ENOTDIR', 'ENOTEMPTY', 'EEXIST'].includes(code)) throw error;
    }
  }

  /** Writes files; one that cannot be written is held back, and the others go on. */
  async function checkOut(paths: readonly string[], journey: Journey): Promise<void> {
    try {
      return await index.checkOut(paths);
    } catch (error) {
      if (!isGitError(error, 'git-failed', 'repository-unwritable')) throw error;
    }
    for (const path of paths) {
      await index.checkOut([path]).catch((error: GitError) => journey.hold(path, error.message));
    }
  }

  /** What somebody has changed of these stays as it is, and then differs from the commit. */
  return async (changes: readonly IndexChange[], journey: Journey): Promise<void> => {
    const reachable: IndexChange[] = [];
    for (const change of changes) {
      if (places.isReachable(change.path)) reachable.push(change);
      else if (change.after) await journey.hold(change.path, 'a folder of its path is a file or a symbolic link here');
    }
    if (reachable.length === 0) return;
    await index.loadTree(journey.before);
    const touched = await index.changedInFolder(reachable.flatMap(({ path, before }) => (before ? [path] : [])));
    const isFree = ({ path, before }: IndexChange) => (before ? !touched.has(path) : !entryAt(join(folder, path)));
    const free = reachable.filter(isFree);
    for (const { path, after } of free) if (!after) remove(path);
    await index.loadTree(journey.after);
    await checkOut(
      free.flatMap(({ path, after }) => (after ? [path] : [])),
      journey,
    );
  };
}

export type BringOthers = ReturnType<typeof createBringOthers>;
