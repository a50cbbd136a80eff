import { fieldsOf, type Git } from '../program/git.ts';
import type { ChangeKind, CommittedFile } from './message.ts';

const kinds: Readonly<Record<string, ChangeKind>> = {
  A: 'added',
  M: 'modified',
  T: 'modified',
  D: 'deleted',
  R: 'renamed',
};

/** Reads the output of `--name-status -z`. */
export function readNameStatus(fields: readonly string[]): CommittedFile[] {
  const files: CommittedFile[] = [];
  for (let at = 0; at < fields.length; ) {
    const change = kinds[(fields[at] ?? '').charAt(0)] ?? 'modified';
    if (change === 'renamed') {
      files.push({ path: fields[at + 2] ?? '', from: fields[at + 1] ?? '', change });
      at += 3;
    } else {
      files.push({ path: fields[at + 1] ?? '', from: null, change });
      at += 2;
    }
  }
  return files;
}

/** What differs between two trees, with files found again under another name. */
export async function changedFiles(git: Git, before: string, after: string): Promise<CommittedFile[]> {
  const { text } = await git.read({ args: ['diff-tree', '-r', '-z', '-M', '--name-status', before, after, '--'] });
  return readNameStatus(fieldsOf(text));
}
