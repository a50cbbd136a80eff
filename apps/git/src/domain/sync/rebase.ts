import { authorship } from '../commit/author.ts';
import type { Signing } from '../owner/signing.ts';
import type { Git } from '../program/git.ts';
import { mergeTrees } from './merge.ts';

const at = { name: 'Weave-NN', email: 'weave-nn@weave-nn.invalid' };

/**
 * Puts our commits upon theirs, one after another, without a working tree.
 *
 * @returns the newest of the new commits; null when one of them cannot be put there
 */
export async function rebaseOnto(
  { git, signing }: { git: Git; signing: Signing },
  ours: string,
  theirs: string,
  now: number,
): Promise<string | null> {
  const argumentsOf = (tree: string, parents: readonly string[]) => [
    tree,
    ...parents.flatMap((parent) => ['-p', parent]),
    '-F',
    '-',
  ];
  /** A commit that is only there to be merged. */
  async function commitTree(tree: string, parents: readonly string[], message: string): Promise<string> {
    const args = ['commit-tree', ...argumentsOf(tree, parents)];
    return (await git.write({ args, input: message, environment: own })).text.trim();
  }
  const own = authorship(at, now);
  // A merge holds what was settled between both sides, which no commit upon theirs would say again.
  const merges = await git.read({ args: ['rev-list', '--merges', '--max-count=1', ours, `^${theirs}`, '--'] });
  if (merges.text !== '') return null;
  const { text } = await git.read({
    args: ['rev-list', '--reverse', '--topo-order', ours, `^${theirs}`, '--'],
  });
  let tip = theirs;
  for (const sha of text.split('\n').filter(Boolean)) {
    // The merge of two commits that are made upon the commit's parent for it is the commit's change upon the tip.
    const base = await commitTree(`${sha}^^{tree}`, [], 'base');
    const [left, right] = [
      await commitTree(`${tip}^{tree}`, [base], 'tip'),
      await commitTree(`${sha}^{tree}`, [base], 'change'),
    ];
    const { tree, conflicting } = await mergeTrees(git, left, right);
    if (conflicting.size > 0) return null;
    const unchanged = (await git.read({ args: ['rev-parse', `${tip}^{tree}`] })).text.trim() === tree;
    if (unchanged) continue;
    const described = await git.read({
      args: ['log', '-1', '--format=%an%x00%ae%x00%ad%x00%B', '--date=raw', sha, '--'],
    });
    const [name = '', email = '', date = '', message = ''] = described.text.split('\0');
    tip = await signing.commitTree({
      args: argumentsOf(tree, [tip]),
      input: message,
      environment: { ...own, GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: `@${date}` },
    });
  }
  return tip;
}
