import { createHash } from 'node:crypto';
import { lstatSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { BatchOperation, FileApi, FileState } from '@weave-nn/clients';
import { isHiddenPath, normaliseVaultPath } from '@weave-nn/vault';
import { GitError } from '../../errors.ts';
import { type IndexChange, type PrivateIndex, readRaw, type TreeEntry } from '../commit/private-index.ts';
import type { Contents } from '../history/contents.ts';
import type { Repository } from '../repository.ts';
import { refusedByFiles } from '../restore.ts';

const MOST_OPERATIONS = 500;
const MOST_BYTES = 32 * 1024 * 1024;
const FILE_MODES = new Set(['100644', '100755']);

const hashOf = (bytes: Buffer) => createHash('sha256').update(bytes).digest('hex');

/** Whether a file is one that the file service has; others are git's own business, as settings and symbolic links are. */
function isOfVault(path: string, entries: readonly (TreeEntry | null)[]): boolean {
  if (isHiddenPath(path)) return false;
  if (!entries.every((entry) => entry === null || FILE_MODES.has(entry.mode))) return false;
  try {
    return normaliseVaultPath(path) === path;
  } catch {
    return false;
  }
}

function moved(path: string): GitError {
  return new GitError(
    'vault-moved',
    `${path} is not what the newest commit has, so what the remote has cannot take its place; a rule or another program may keep it from being committed`,
  );
}

/** Brings the vault from one commit to another: notes through the file service, as ordinary changes. */
export function createBringIn(options: {
  repository: Repository;
  index: PrivateIndex;
  contents: Contents;
  files: FileApi;
}) {
  const { repository, index, contents, files } = options;
  const { git, folder } = repository;

  async function differing(before: string, after: string): Promise<IndexChange[]> {
    const args = ['diff-tree', '-r', '-z', '--raw', '--no-renames', '--abbrev=64', before, after, '--'];
    return readRaw((await git.read({ args })).text);
  }

  /** The operation that a file needs; undefined when it is as wanted already. */
  async function operationFor({ path, before, after }: IndexChange, state: FileState, ends: [string, string]) {
    const present = state.deleted ? null : state.hash;
    const wanted = after ? await contents.bytes(ends[1], path) : null;
    if (present === (wanted && hashOf(wanted))) return undefined;
    const expected = before ? hashOf(await contents.bytes(ends[0], path)) : null;
    if (present !== expected) throw moved(path);
    const condition = present === null ? { ifNoneMatch: '*' as const } : { ifMatch: `"${present}"` };
    if (wanted === null) return { op: 'delete' as const, path, permanent: true, ifMatch: `"${present}"` };
    return { op: 'put' as const, path, content: wanted.toString('base64'), encoding: 'base64' as const, ...condition };
  }

  async function apply(operations: readonly BatchOperation[]): Promise<void> {
    try {
      if (operations.length > 0) await files.change(operations, 'git');
    } catch (error) {
      if ((error as { code?: string }).code === 'precondition-failed') throw moved((error as Error).message);
      throw refusedByFiles(error);
    }
  }

  async function bringNotes(changes: readonly IndexChange[], ends: [string, string]): Promise<void> {
    let operations: BatchOperation[] = [];
    let size = 0;
    for (let at = 0; at < changes.length; at += MOST_OPERATIONS) {
      const part = changes.slice(at, at + MOST_OPERATIONS);
      const states = await files.read(part.map(({ path }) => path)).catch((error) => {
        throw refusedByFiles(error);
      });
      for (const [position, change] of part.entries()) {
        const operation = await operationFor(change, states[position] as FileState, ends);
        if (!operation) continue;
        size += 'content' in operation ? operation.content.length : 0;
        operations.push(operation);
        if (size < MOST_BYTES && operations.length < MOST_OPERATIONS) continue;
        await apply(operations);
        [operations, size] = [[], 0];
      }
    }
    await apply(operations);
  }

  /** What somebody has changed of these stays as it is, and then differs from the commit. */
  async function bringOthers(changes: readonly IndexChange[], ends: [string, string]): Promise<void> {
    if (changes.length === 0) return;
    await index.loadTree(ends[0]);
    const touched = await index.changedInFolder(changes.flatMap(({ path, before }) => (before ? [path] : [])));
    const isFree = ({ path, before }: IndexChange) =>
      before ? !touched.has(path) : !lstatSync(join(folder, path), { throwIfNoEntry: false });
    const free = changes.filter(isFree);
    await index.loadTree(ends[1]);
    await index.checkOut(free.flatMap(({ path, after }) => (after ? [path] : [])));
    for (const { path, after } of free) if (!after) unlinkSync(join(folder, path));
  }

  return {
    differing,

    /**
     * Does it; what is as wanted already is left alone, so that it can be done again.
     *
     * @throws GitError `vault-moved` when a file is neither what the one nor what the other commit has
     */
    async run(before: string, after: string): Promise<void> {
      const changes = await differing(before, after);
      const ofVault = (change: IndexChange) => isOfVault(change.path, [change.before, change.after]);
      await bringNotes(changes.filter(ofVault), [before, after]);
      await bringOthers(
        changes.filter((change) => !ofVault(change)),
        [before, after],
      );
    },
  };
}

export type BringIn = ReturnType<typeof createBringIn>;
