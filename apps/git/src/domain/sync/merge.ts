import { conflictName } from '@weave-nn/vault';
import type { Conflict } from '../../store/decisions.ts';
import type { PrivateIndex, TreeEntry } from '../commit/private-index.ts';
import { fieldsOf, type Git } from '../program/git.ts';

/** Two histories brought together. */
export interface Merged {
  tree: string;
  conflicts: Conflict[];
}

/** The versions of a path that could not be brought together: the common one, ours, theirs. */
type Stages = Partial<Record<'1' | '2' | '3', TreeEntry>>;

interface Outcome {
  tree: string;
  conflicting: Map<string, Stages>;
}

/** Merges two commits without a working tree, as git's own merge does. */
export async function mergeTrees(git: Git, ours: string, theirs: string): Promise<Outcome> {
  const { text } = await git.write({
    args: ['merge-tree', '--write-tree', '-z', '--no-messages', ours, theirs],
    answers: [1],
  });
  const [tree = '', ...fields] = fieldsOf(text);
  const conflicting = new Map<string, Stages>();
  for (const field of fields) {
    const tab = field.indexOf('\t');
    if (tab < 0) continue;
    const [mode = '', blob = '', stage = ''] = field.slice(0, tab).split(' ');
    const path = field.slice(tab + 1);
    const stages = conflicting.get(path) ?? {};
    stages[stage as '1' | '2' | '3'] = { path, mode, blob };
    conflicting.set(path, stages);
  }
  return { tree, conflicting };
}

function foldersOf(paths: Iterable<string>): Set<string> {
  const folders = new Set<string>();
  for (const path of paths) {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) folders.add(path.slice(0, at));
  }
  return folders;
}

/**
 * Merges two commits such that nothing is lost and no note has marks in it: where both changed the same lines, ours
 * keeps the name and theirs is put beside it; where one removed what the other changed, the changed one stays.
 *
 * @param index is left holding the merged tree
 */
export async function mergeKeepingBoth(
  git: Git,
  index: PrivateIndex,
  options: { ours: string; theirs: string; at: number },
): Promise<Merged> {
  const { tree, conflicting } = await mergeTrees(git, options.ours, options.theirs);
  if (conflicting.size === 0) return { tree, conflicts: [] };
  await index.loadTree(tree);
  const taken = new Set(await index.paths());
  const folders = foldersOf(taken);
  const entries: { path: string; entry: TreeEntry | null }[] = [];
  const conflicts: Conflict[] = [];
  for (const [path, { 2: ours, 3: theirs }] of conflicting) {
    // A file where the other side has a folder was given another name by the merge already.
    if (folders.has(path)) continue;
    entries.push({ path, entry: ours ?? theirs ?? null });
    if (!ours && !theirs) continue;
    if (!ours || !theirs || ours.blob === theirs.blob) {
      conflicts.push({ path, conflictPath: path });
      continue;
    }
    const nameOf = (attempt: number) => conflictName(path, new Date(options.at), attempt);
    let conflictPath = nameOf(0);
    for (let attempt = 1; taken.has(conflictPath); attempt++) conflictPath = nameOf(attempt);
    taken.add(conflictPath);
    entries.push({ path: conflictPath, entry: theirs });
    conflicts.push({ path, conflictPath });
  }
  await index.set(entries);
  return { tree: await index.writeTree(), conflicts };
}
