import { globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import type { Tally } from '../../crash/tally.ts';
import type { LoggedEvent } from '../../event-log.ts';
import { type Git, gitIn } from '../repository.ts';
import type { FinalNote } from './notes.ts';

const SHOWN = 5;
const rowsOf = (text: string) => text.split('\n').filter((row) => row !== '');

/** The objects of the files of the newest commit, by path. */
async function committed(git: Git): Promise<Map<string, string>> {
  const rows = (await git('ls-tree', '-r', '-z', 'HEAD')).split('\0').filter((row) => row !== '');
  return new Map(rows.map((row) => [row.slice(row.indexOf('\t') + 1), row.split(/[ \t]/)[2] ?? '']));
}

/** The objects that the files of the folder are, by path; what is hidden is nobody's. */
async function present(git: Git, vault: string): Promise<Map<string, string>> {
  const paths = globSync('**/*', { cwd: vault }).filter((path) => statSync(join(vault, path)).isFile());
  const objects = rowsOf(await git('hash-object', '--no-filters', '--', ...paths));
  return new Map(paths.map((path, index) => [path, objects[index] ?? '']));
}

async function checkTree(git: Git, vault: string, tally: Tally): Promise<void> {
  const [inHead, inFolder] = [await committed(git), await present(git, vault)];
  for (const path of new Set([...inHead.keys(), ...inFolder.keys()])) {
    if (inHead.get(path) === inFolder.get(path)) continue;
    tally.disagreements.push(
      `${path} is ${inFolder.get(path) ?? 'missing'}, and ${inHead.get(path) ?? 'missing'} in HEAD`,
    );
  }
  const status = rowsOf(await git('status', '--porcelain', '--untracked-files=all'));
  const left = status.filter((row) => !/^...\.|\/\./.test(row));
  if (left.length > 0) tally.disagreements.push(`git status: ${left.slice(0, SHOWN).join('; ')}`);
}

/** A commit that changes nothing, and an event in two commits that are both there, should not be. */
async function checkCommits(git: Git, tally: Tally): Promise<number> {
  const trees = new Map<string, string>();
  const commits = rowsOf(await git('log', '--format=%H %T %ae %P')).map((row) => row.split(' '));
  for (const [sha = '', tree = ''] of commits) trees.set(sha, tree);
  for (const [sha = '', tree, author, parent, ...others] of commits) {
    const isOwn = author !== 'elsewhere@example.org' && others.length === 0;
    if (isOwn && parent && trees.get(parent) === tree) tally.odd.push(`commit ${sha} is empty`);
  }
  const events = rowsOf(await git('log', '--format=%(trailers:key=Weave-Event,valueonly)'));
  const twice = events.length - new Set(events).size;
  if (twice > 0) tally.odd.push(`${twice} events are in two commits`);
  const unsound = rowsOf(await git('fsck', '--no-dangling', '--no-progress'));
  if (unsound.length > 0) tally.odd.push(`git fsck: ${unsound.slice(0, SHOWN).join('; ')}`);
  return commits.length;
}

/**
 * The newest commit must be what the folder is, hold all that was pushed, and be what the remote has.
 *
 * @returns how many commits there are
 */
export async function checkHistory(
  options: { vault: string; remote: string; pushed: readonly string[]; notes: readonly FinalNote[] },
  events: readonly LoggedEvent[],
  tally: Tally,
): Promise<number> {
  const { vault, remote, pushed, notes } = options;
  const git = gitIn(vault);
  await checkTree(git, vault, tally);
  const head = (await git('rev-parse', 'HEAD')).trim();
  const theirs = (await gitIn(remote)('rev-parse', 'main')).trim();
  if (head !== theirs) tally.disagreements.push(`HEAD is ${head}, the remote's branch ${theirs}`);
  const known = new Set(rowsOf(await git('rev-list', 'HEAD')));
  for (const sha of pushed) if (!known.has(sha)) tally.lost.push(`commit ${sha} was pushed and is not in HEAD`);
  const told = new Set(
    events.filter(({ type }) => /^(git|vault\.file)\.conflict$/.test(type)).map(({ data }) => data.conflictPath),
  );
  for (const { path, isConflict } of notes) {
    if (isConflict && !told.has(path)) tally.lost.push(`no event tells of the conflict note ${path}`);
  }
  return checkCommits(git, tally);
}
