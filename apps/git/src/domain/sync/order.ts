import { collisionKey } from '@weave-nn/vault';
import type { IndexChange } from '../commit/private-index.ts';
import { foldersAbove } from '../entry.ts';

/**
 * Divides changes into removals that must be done first and the rest: where a file comes whose name differs from the
 * removed one only in case or normalisation, or that takes the place of a folder, or is in a folder that takes the
 * place of the removed file.
 */
export function divideByPrecedence(changes: readonly IndexChange[]): { first: IndexChange[]; rest: IndexChange[] } {
  const added = new Set(changes.flatMap(({ path, before, after }) => (after && !before ? [collisionKey(path)] : [])));
  const addedFolders = new Set([...added].flatMap(foldersAbove));
  function isFirst({ path, after }: IndexChange): boolean {
    if (after) return false;
    const key = collisionKey(path);
    return added.has(key) || addedFolders.has(key) || foldersAbove(key).some((folder) => added.has(folder));
  }
  return { first: changes.filter(isFirst), rest: changes.filter((change) => !isFirst(change)) };
}
