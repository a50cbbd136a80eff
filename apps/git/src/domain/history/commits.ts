import type { CommitDetails, CommitFile } from '@weave-nn/clients';
import { readRawStatus } from '../commit/changed-files.ts';
import { fieldsOf } from '../program/git.ts';
import type { Repository } from '../repository.ts';
import { LOG_FORMAT, readCommit } from './log.ts';

const MAX_FILES = 1_000;
const TRAILER = /^Weave-Event: (\S+)$/gm;

type Counts = Pick<CommitFile, 'additions' | 'deletions'>;

/** Reads the output of `--numstat -z`: for a renamed file both paths follow as fields of their own. */
function readCounts(fields: readonly string[]): Map<string, Counts> {
  const counts = new Map<string, Counts>();
  const toCount = (text: string | undefined) => (text === undefined || text === '-' ? null : Number(text));
  for (let at = 0; at < fields.length; at++) {
    const [additions, deletions, path = ''] = (fields[at] ?? '').split('\t');
    const name = path === '' ? (fields[at + 2] ?? '') : path;
    if (path === '') at += 2;
    counts.set(name, { additions: toCount(additions), deletions: toCount(deletions) });
  }
  return counts;
}

/** What a commit is, and what it did to which files compared with the first before it. */
export async function commitDetails(repository: Repository, revision: string): Promise<CommitDetails> {
  const { git } = repository;
  const sha = await repository.resolve(revision);
  const { text } = await git.read({ args: ['log', '-z', '-1', `--format=tformat:${LOG_FORMAT}`, sha, '--'] });
  const commit = readCommit(text.split('\0'));
  const before = commit.parents[0] ?? (await repository.objectNames()).emptyTree;
  const differing = await git.read({ args: ['diff-tree', '--raw', '--numstat', '-r', '-z', '-M', before, sha, '--'] });
  const { files, rest } = readRawStatus(fieldsOf(differing.text));
  const counts = readCounts(rest);
  return {
    ...commit,
    events: [...commit.body.matchAll(TRAILER)].map(([, id = '']) => id),
    files: files.slice(0, MAX_FILES).map((file) => ({
      ...file,
      ...(counts.get(file.path) ?? { additions: null, deletions: null }),
    })),
    truncated: files.length > MAX_FILES,
  };
}
