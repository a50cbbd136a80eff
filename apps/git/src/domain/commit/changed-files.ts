import { fieldsOf, type Git } from '../program/git.ts';
import type { ChangeKind, CommittedFile } from './message.ts';

const kinds: Readonly<Record<string, ChangeKind>> = {
  A: 'added',
  M: 'modified',
  T: 'modified',
  D: 'deleted',
  R: 'renamed',
};

/** Reads one file of which a letter tells what became of it; answers where the next begins. */
function readFile(fields: readonly string[], at: number, letter: string, into: CommittedFile[]): number {
  const change = kinds[letter] ?? 'modified';
  if (change === 'renamed') {
    into.push({ path: fields[at + 2] ?? '', from: fields[at + 1] ?? '', change });
    return at + 3;
  }
  into.push({ path: fields[at + 1] ?? '', from: null, change });
  return at + 2;
}

/** Reads the output of `--name-status -z`. */
export function readNameStatus(fields: readonly string[]): CommittedFile[] {
  const files: CommittedFile[] = [];
  for (let at = 0; at < fields.length; ) at = readFile(fields, at, (fields[at] ?? '').charAt(0), files);
  return files;
}

/** Reads the output of `--raw -z`, and answers what follows it. */
export function readRawStatus(fields: readonly string[]): { files: CommittedFile[]; rest: string[] } {
  const files: CommittedFile[] = [];
  let at = 0;
  for (let field = fields[at]; field?.startsWith(':'); field = fields[at]) {
    at = readFile(fields, at, (field.split(' ')[4] ?? '').charAt(0), files);
  }
  return { files, rest: fields.slice(at) };
}

/** What differs between two trees, with files found again under another name. */
export async function changedFiles(git: Git, before: string, after: string): Promise<CommittedFile[]> {
  const { text } = await git.read({ args: ['diff-tree', '-r', '-z', '-M', '--name-status', before, after, '--'] });
  return readNameStatus(fieldsOf(text));
}
