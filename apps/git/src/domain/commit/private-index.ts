import { randomUUID } from 'node:crypto';
import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { restrictToOwner } from '@weave-nn/config';
import { isGitError } from '../../errors.ts';
import { entryAt, foldersAbove } from '../entry.ts';
import { fieldsOf, type Git, type GitAnswer, type GitCall } from '../program/git.ts';
import type { Head, Repository } from '../repository.ts';
import { readNameStatus } from './changed-files.ts';
import type { CommittedFile } from './message.ts';

/** A file as a tree has it. */
export interface TreeEntry {
  path: string;
  mode: string;
  blob: string;
}

/** What differs between a tree and the index; a side is null where the file is not there. */
export interface IndexChange {
  path: string;
  before: TreeEntry | null;
  after: TreeEntry | null;
}

/** A file that git could not take, and what it said. */
export interface Refused {
  path: string;
  reason: string;
}

const IGNORING = 'Ignoring path ';
const NOTHING = /^0+$/;

/** Reads the output of `diff-index --raw -z` and its like without renames. */
function readRaw(text: string): IndexChange[] {
  const fields = fieldsOf(text);
  const changes: IndexChange[] = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [modeBefore = '', modeAfter = '', blobBefore = '', blobAfter = ''] = (fields[at] ?? '').slice(1).split(' ');
    const path = fields[at + 1] ?? '';
    changes.push({
      path,
      before: NOTHING.test(modeBefore) ? null : { path, mode: modeBefore, blob: blobBefore },
      after: NOTHING.test(modeAfter) ? null : { path, mode: modeAfter, blob: blobAfter },
    });
  }
  return changes;
}

/** What differs between two trees, file by file. */
export async function changesBetween(git: Git, before: string, after: string): Promise<IndexChange[]> {
  const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--abbrev=64', before, after, '--'];
  return readRaw((await git.read({ args })).text);
}

/** Lines that `update-index -z --index-info` takes. */
export function indexInfo(entries: readonly { path: string; entry: TreeEntry | null }[], nothing: string): string {
  return entries
    .map(({ path, entry }) => `${entry ? `${entry.mode} ${entry.blob}` : `0 ${nothing}`}\t${path}\0`)
    .join('');
}

/**
 * An index of our own, in which commits are put together, so that what somebody has staged is left alone.
 *
 * @param file where it is kept; nobody else uses it
 */
export function createPrivateIndex(repository: Repository, file: string) {
  const { git, folder } = repository;
  const environment = { GIT_INDEX_FILE: file };
  /** The tree-ish that the index is known to hold. */
  let holds: string | undefined;

  /** Git writes the index anew each time, with the mode that the umask says. */
  async function write(call: GitCall): Promise<GitAnswer> {
    try {
      return await git.write({ ...call, environment });
    } finally {
      restrictToOwner(file);
    }
  }

  const read = (call: GitCall): Promise<GitAnswer> => git.read({ ...call, environment });

  /** Whether a path is in a repository within the vault, whose history is its own. */
  function isNested(path: string, seen: Map<string, boolean>): boolean {
    const slash = path.lastIndexOf('/');
    if (slash < 0) return false;
    const parent = path.slice(0, slash);
    let nested = seen.get(parent);
    if (nested === undefined) {
      nested = entryAt(join(folder, parent, '.git')) !== undefined || isNested(parent, seen);
      seen.set(parent, nested);
    }
    return nested;
  }

  /** Whether no file can be at a path by now: a folder is there, or one of the folders above it is a file or a link. */
  function isGone(path: string): boolean {
    if (entryAt(join(folder, path))?.isDirectory()) return entryAt(join(folder, path, '.git')) === undefined;
    return foldersAbove(path).some((each) => entryAt(join(folder, each))?.isDirectory() === false);
  }

  /**
   * Whether the repository is what fails, and not the file that was to be taken: what git says of a file may name it,
   * and a name may be any word.
   */
  async function isWritable(): Promise<boolean> {
    const input = `weave ${randomUUID()}`;
    return git.write({ args: ['hash-object', '-w', '--stdin'], input }).then(
      () => true,
      () => false,
    );
  }

  /** Takes files; answers those whose names git passes over, as what could be its own folder on some disks. */
  async function add(paths: readonly string[]): Promise<Refused[]> {
    const input = paths.map((path) => `${path}\0`).join('');
    const args = ['update-index', '-z', '--add', '--remove', '--replace', '--stdin'];
    const { errors } = await write({ args, input });
    return errors
      .split('\n')
      .filter((line) => line.startsWith(IGNORING))
      .map((line) => line.slice(IGNORING.length))
      .filter((path) => entryAt(join(folder, path)))
      .map((path) => ({ path, reason: 'git does not take a file of this name' }));
  }

  /** Takes files, and where one of them is refused, each half of them. */
  async function takeParts(paths: readonly string[]): Promise<Refused[]> {
    if (paths.length === 0) return [];
    holds = undefined;
    try {
      return await add(paths);
    } catch (error) {
      if (!isGitError(error, 'git-failed', 'repository-unwritable', 'repository-damaged')) throw error;
      if (paths.length === 1) {
        if (error.code !== 'git-failed' && !(await isWritable())) throw error;
        return [{ path: paths[0] ?? '', reason: error.message }];
      }
    }
    const half = Math.ceil(paths.length / 2);
    return [...(await takeParts(paths.slice(0, half))), ...(await takeParts(paths.slice(half)))];
  }

  return {
    environment,

    /** Removes what a former process left of it. */
    clear() {
      for (const each of [file, `${file}.lock`]) if (existsSync(each)) rmSync(each);
      holds = undefined;
    },

    /** Makes the index hold what the branch holds. */
    async load(head: Head): Promise<void> {
      const wanted = head.sha ?? head.tree;
      if (holds === wanted) return;
      holds = undefined;
      await write({ args: ['read-tree', wanted] });
      holds = wanted;
    },

    /** Makes the index hold what the branch holds, whatever it was made to hold since. */
    async reload(head: Head): Promise<void> {
      holds = undefined;
      await this.load(head);
    },

    /** Notes the times of files that are as the index has them, so that who looks at it need not read them. */
    async refresh(): Promise<void> {
      await write({ args: ['update-index', '-q', '--refresh'], answers: [1] });
    },

    /** Makes the index hold a tree that is no branch's. */
    async loadTree(treeish: string): Promise<void> {
      holds = undefined;
      await write({ args: ['read-tree', treeish] });
    },

    /** Those of the paths that the folder has otherwise than the index. */
    async changedInFolder(paths: readonly string[]): Promise<Set<string>> {
      if (paths.length === 0) return new Set();
      await this.refresh();
      const { text } = await read({ args: ['diff-files', '--name-only', '-z', '--', ...paths] });
      return new Set(fieldsOf(text));
    },

    /** Writes files into the folder as the index has them. */
    async checkOut(paths: readonly string[]): Promise<void> {
      if (paths.length === 0) return;
      const input = paths.map((path) => `${path}\0`).join('');
      await write({ args: ['checkout-index', '-f', '-q', '-z', '--stdin'], input });
    },

    /** Says that the index holds a commit that was made of it. */
    committed(sha: string) {
      holds = sha;
    },

    /** Says that the index holds something else by now. */
    spoil() {
      holds = undefined;
    },

    /** Those of the paths that are in no repository of their own. */
    withoutNested(paths: readonly string[]): string[] {
      const seen = new Map<string, boolean>();
      return paths.filter((path) => !isNested(path, seen));
    },

    /** Those of the paths that are not ignored. */
    async withoutIgnored(paths: readonly string[]): Promise<string[]> {
      const asked = paths.filter((path) => !isGone(path));
      if (asked.length === 0) return [...paths];
      // What begins with a dot is no pathspec with magic.
      const input = asked.map((path) => `./${path}\0`).join('');
      const { text } = await read({ args: ['check-ignore', '-z', '--stdin'], input, answers: [1], unliteral: true });
      const ignored = new Set(fieldsOf(text).map((path) => path.slice(2)));
      return paths.filter((path) => !ignored.has(path));
    },

    /** Takes the present content of files; those that are gone are removed. Answers what git could not take. */
    async take(paths: readonly string[]): Promise<Refused[]> {
      const gone = paths.filter(isGone);
      await this.set(gone.map((path) => ({ path, entry: null })));
      const isTaken = new Set(gone);
      return takeParts(paths.filter((path) => !isTaken.has(path)));
    },

    /** What the index has otherwise than a tree. */
    async changes(treeish: string): Promise<IndexChange[]> {
      const { text } = await read({
        args: ['diff-index', '--cached', '--raw', '-r', '-z', '--no-renames', '--abbrev=64', treeish, '--'],
      });
      return readRaw(text);
    },

    /** The same for people: with files found again under another name. */
    async changedFiles(treeish: string): Promise<CommittedFile[]> {
      const { text } = await read({
        args: ['diff-index', '--cached', '-r', '-z', '-M', '--name-status', treeish, '--'],
      });
      return readNameStatus(fieldsOf(text));
    },

    /** Puts entries in, or takes them out where there is none. */
    async set(entries: readonly { path: string; entry: TreeEntry | null }[]): Promise<void> {
      if (entries.length === 0) return;
      holds = undefined;
      const { nothing } = await repository.objectNames();
      await write({ args: ['update-index', '-z', '--index-info'], input: indexInfo(entries, nothing) });
    },

    async writeTree(): Promise<string> {
      return (await write({ args: ['write-tree'] })).text.trim();
    },

    /** The paths that the vault's folder has otherwise than the index, without what is ignored. */
    async differingFromFolder(): Promise<string[]> {
      // As a writer, so that what it has seen of the files stays in the index and is not read again.
      const { text } = await write({
        args: ['status', '--porcelain', '-z', '--untracked-files=all', '--no-renames', '--ignore-submodules=all'],
      });
      return fieldsOf(text)
        .map((field) => field.slice(3))
        .filter((path) => !path.endsWith('/'));
    },

    /** Every file in the index. */
    async paths(): Promise<string[]> {
      return fieldsOf((await read({ args: ['ls-files', '-z'] })).text);
    },
  };
}

export type PrivateIndex = ReturnType<typeof createPrivateIndex>;
