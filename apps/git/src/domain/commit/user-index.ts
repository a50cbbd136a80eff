import { fieldsOf } from '../program/git.ts';
import type { Repository } from '../repository.ts';
import { changesBetween, type IndexChange, indexInfo } from './private-index.ts';

/**
 * Brings the user's own index along when the branch has moved: where it still has what the branch had, it gets what
 * the branch has now; what was staged otherwise stays as it is.
 *
 * @param parent the commit before, null for none
 * @param known what the commit changes, if that is known
 * @throws GitError `repository-locked` while another program writes the index
 */
export async function followInUserIndex(
  { git, objectNames }: Repository,
  parent: string | null,
  sha: string,
  known?: readonly IndexChange[],
): Promise<void> {
  const { emptyTree, nothing } = await objectNames();
  const before = parent ?? emptyTree;
  const changes = known ?? (await changesBetween(git, before, sha));
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
