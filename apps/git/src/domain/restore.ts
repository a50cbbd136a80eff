import type { BatchOperation, ChangedFile, ClientError, FileApi } from '@weave-nn/clients';
import { collisionKey } from '@weave-nn/vault';
import { GitError } from '../errors.ts';
import type { Contents } from './history/contents.ts';
import { historyPath } from './history/history.ts';

/** A batch holds so many operations. */
const MAX_FILES = 1_000;
const MAX_BYTES = 64 * 1024 * 1024;

export interface RestoreWish {
  path: string;
  sha: string;
  removeOthers?: boolean;
}

/** What the file service refuses is the caller's to know. */
export function refusedByFiles(error: unknown): Error {
  const { status, code, message } = error as ClientError;
  if (typeof status !== 'number') return error as Error;
  return new GitError(status >= 500 ? 'file-unavailable' : 'file-refused', `${message} (${code})`, { cause: error });
}

/** Brings files back to what they were in a commit: a change as any other, all of it or nothing. */
export function createRestore({ contents, files }: { contents: Contents; files: FileApi }) {
  async function othersBelow(folder: string, kept: ReadonlySet<string>): Promise<string[]> {
    const others: string[] = [];
    for await (const items of files.manifest()) {
      for (const { path } of items) if (path.startsWith(`${folder}/`) && !kept.has(path)) others.push(path);
    }
    return others;
  }

  /**
   * Moves of files whose name differs from that of a file to be restored only in case or normalisation, to its name:
   * both names cannot be in a vault, and one was made of the other.
   */
  async function renamesTo(stored: readonly string[]): Promise<Map<string, string>> {
    const wanted = new Map(stored.map((path) => [collisionKey(path), path]));
    const present = new Set<string>();
    for await (const items of files.manifest()) {
      for (const { path } of items) if (wanted.has(collisionKey(path))) present.add(path);
    }
    const renames = [...present].flatMap((path): [string, string][] => {
      const to = wanted.get(collisionKey(path)) ?? path;
      return present.has(to) || stored.includes(path) ? [] : [[path, to]];
    });
    return new Map(renames);
  }

  async function operations({ path, sha: revision, removeOthers }: RestoreWish): Promise<BatchOperation[]> {
    const { sha, files: stored, isFolder } = await contents.below(path, revision);
    const others =
      removeOthers && isFolder ? await othersBelow(historyPath(path), new Set(stored.map((file) => file.path))) : [];
    if (stored.length + others.length > MAX_FILES) {
      throw new GitError('restore-too-large', `more than ${MAX_FILES} files would change; restore smaller folders`);
    }
    const puts: BatchOperation[] = [];
    let size = 0;
    for (const file of stored) {
      const bytes = await contents.bytes(sha, file.path);
      size += bytes.length;
      if (size > MAX_BYTES) {
        throw new GitError('restore-too-large', `more than ${MAX_BYTES} bytes would be written; restore less at once`);
      }
      puts.push({ op: 'put', path: file.path, content: bytes.toString('base64'), encoding: 'base64' });
    }
    return [...puts, ...others.map((other): BatchOperation => ({ op: 'delete', path: other }))];
  }

  /** The same operations, upon files that have the names first that they had then. */
  async function withRenames(wanted: readonly BatchOperation[]): Promise<BatchOperation[]> {
    const renames = await renamesTo(wanted.flatMap((each) => (each.op === 'put' ? [each.path] : [])));
    const moves = [...renames].map(([from, to]): BatchOperation => ({ op: 'move', from, to }));
    return [...moves, ...wanted.filter((each) => each.op !== 'delete' || !renames.has(each.path))];
  }

  async function attempt<Answer>(
    wish: RestoreWish,
    act: (wanted: readonly BatchOperation[]) => Promise<Answer>,
  ): Promise<Answer> {
    const wanted = await operations(wish);
    try {
      return await act(wanted).catch(async (error) => {
        if ((error as { code?: string }).code !== 'name-collision') throw error;
        return act(await withRenames(wanted));
      });
    } catch (error) {
      throw refusedByFiles(error);
    }
  }

  return {
    preview: (wish: RestoreWish) => attempt(wish, (wanted) => files.preview(wanted)),

    /** @returns what changed; nothing when all is as it was in that commit */
    run: (wish: RestoreWish): Promise<ChangedFile[]> => attempt(wish, (wanted) => files.change(wanted, 'git')),
  };
}

export type Restore = ReturnType<typeof createRestore>;
