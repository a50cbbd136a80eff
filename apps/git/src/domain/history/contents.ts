import { isHiddenPath } from '@weave-nn/vault';
import { GitError } from '../../errors.ts';
import { fieldsOf } from '../program/git.ts';
import type { Repository } from '../repository.ts';
import { historyPath } from './history.ts';

const FILE_MODES = new Set(['100644', '100755']);

/** A file as a commit has it. */
export interface StoredFile {
  path: string;
  blob: string;
}

/** Reads files as commits have them. */
export function createContents(repository: Repository) {
  const { git } = repository;

  async function list(sha: string, path: string): Promise<StoredFile[]> {
    const { text } = await git.read({ args: ['ls-tree', '-r', '-z', sha, '--', path] });
    return fieldsOf(text).flatMap((field) => {
      const tab = field.indexOf('\t');
      const [mode = '', , blob = ''] = field.slice(0, tab).split(' ');
      const name = field.slice(tab + 1);
      return FILE_MODES.has(mode) && !isHiddenPath(name) ? [{ path: name, blob }] : [];
    });
  }

  /** The bytes as a checkout would write them. */
  async function bytes(sha: string, path: string): Promise<Buffer> {
    const { stdout } = await git.read({ args: ['cat-file', '--filters', `${sha}:${path}`] });
    return stdout;
  }

  /**
   * The file of that path, as a commit has it.
   *
   * @throws GitError `path-not-in-commit`, also for a folder and a symbolic link
   */
  async function find(path: string, revision: string): Promise<StoredFile & { sha: string }> {
    const file = historyPath(path);
    const sha = await repository.resolve(revision);
    const files = await list(sha, file);
    const found = files.find((each) => each.path === file);
    if (found) return { ...found, sha };
    const isFolder = files.length > 0;
    throw new GitError(
      'path-not-in-commit',
      isFolder ? `${file} is a folder in the commit ${sha}; name a file` : `the commit ${sha} has no file ${file}`,
    );
  }

  return {
    bytes,
    find,

    /** @throws GitError `path-not-in-commit` */
    async read(path: string, revision: string): Promise<{ bytes: Buffer; sha: string; blob: string }> {
      const { sha, path: file, blob } = await find(path, revision);
      return { bytes: await bytes(sha, file), sha, blob };
    },

    /**
     * The file of that path, or the files of that folder.
     *
     * @throws GitError `path-not-in-commit`
     */
    async below(path: string, revision: string): Promise<{ sha: string; files: StoredFile[]; isFolder: boolean }> {
      const place = historyPath(path);
      const sha = await repository.resolve(revision);
      const files = await list(sha, place);
      if (files.length === 0) throw new GitError('path-not-in-commit', `the commit ${sha} has nothing at ${place}`);
      return { sha, files, isFolder: files.every((file) => file.path !== place) };
    },
  };
}

export type Contents = ReturnType<typeof createContents>;
