import { fieldsOf } from '../program/git.ts';
import type { Repository } from '../repository.ts';
import { indexInfo, readRaw } from './private-index.ts';

/**
 * Brings the user's own index along when the branch has moved: where it still has what the branch had, it gets what
 * the branch has now; what was staged otherwise stays as it is.
 *
 * @param parent the commit before, null for none
 * @throws GitError `repository-locked` while another program writes the index
 */
export async function followInUserIndex(
  { git, objectNames }: Repository,
  parent: string | null,
  sha: string,
): Promise<void> {
  const { emptyTree, nothing } = await objectNames();
  const before = parent ?? emptyTree;
  const moved = await git.read({
    args: ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--abbrev=64', before, sha, '--'],
  });
  const changes = readRaw(moved.text);
  if (changes.length === 0) return;
  const staged = await git.read({
    args: ['diff-index', '--cached', '--name-only', '--no-renames', '-z', before, '--'],
  });
  const otherwise = new Set(fieldsOf(staged.text));
  const following = changes.filter(({ path }) => !otherwise.has(path));
  if (following.length === 0) return;
  const input = indexInfo(
    following.map(({ path, after }) => ({ path, entry: after })),
    nothing,
  );
  await git.write({ args: ['update-index', '-z', '--index-info'], input });
}
