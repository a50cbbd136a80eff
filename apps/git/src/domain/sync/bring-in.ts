import { lstatSync, unlinkSync } from 'node:fs';
import { join } from 'node:path';
import type { BatchOperation, FileApi, FileState } from '@weave-nn/clients';
import { isHiddenPath, normaliseVaultPath } from '@weave-nn/vault';
import { changesBetween, type IndexChange, type PrivateIndex, type TreeEntry } from '../commit/private-index.ts';
import type { Repository } from '../repository.ts';
import { refusedByFiles } from '../restore.ts';
import type { BringFile, Journey, PlanFile } from './bring-file.ts';

const MOST_OPERATIONS = 500;
/** A file that is another at each of so many looks is not waited for any more. */
const MOST_TRIES = 20;
const MOST_BYTES = 32 * 1024 * 1024;
const FILE_MODES = new Set(['100644', '100755']);

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

/** A file of which it is known what is to become of it. */
interface Planned {
  path: string;
  bring: BringFile;
}

/** Brings the vault from one commit to another: notes through the file service, as ordinary changes. */
export function createBringIn(options: {
  repository: Repository;
  index: PrivateIndex;
  files: FileApi;
  planFile: PlanFile;
  /** The files that the owner has told git not to look at. */
  unwatched(): Promise<ReadonlyMap<string, unknown>>;
}) {
  const { repository, index, files, planFile } = options;
  const { git, folder } = repository;

  const differing = (before: string, after: string) => changesBetween(git, before, after);

  /** @returns whether every file still was as it was when the operations were worked out */
  async function apply(operations: readonly BatchOperation[]): Promise<boolean> {
    try {
      if (operations.length > 0) await files.change(operations, 'git');
      return true;
    } catch (error) {
      if ((error as { code?: string }).code === 'precondition-failed') return false;
      throw refusedByFiles(error);
    }
  }

  async function readStates(paths: readonly string[]): Promise<FileState[]> {
    return files.read(paths).catch((error) => {
      throw refusedByFiles(error);
    });
  }

  /** Brings one file that others keep changing; one that is never met comes beside it. */
  async function bringOne({ path, bring }: Planned): Promise<void> {
    for (let tries = 1; ; tries++) {
      const [state] = await readStates([path]);
      if (await apply(await bring(state as FileState, tries > MOST_TRIES))) return;
    }
  }

  /** All of these files at once, or, when one has been changed meanwhile, one after another. */
  async function bringTogether(planned: readonly Planned[], operations: readonly BatchOperation[]): Promise<void> {
    if (await apply(operations)) return;
    for (const each of planned) await bringOne(each);
  }

  async function bringNotes(changes: readonly IndexChange[], journey: Journey): Promise<void> {
    let together: Planned[] = [];
    let operations: BatchOperation[] = [];
    let size = 0;
    for (let at = 0; at < changes.length; at += MOST_OPERATIONS) {
      const part = changes.slice(at, at + MOST_OPERATIONS);
      const states = await readStates(part.map(({ path }) => path));
      for (const [position, change] of part.entries()) {
        const bring = await planFile(change, journey);
        const needed = await bring(states[position] as FileState);
        for (const operation of needed) size += 'content' in operation ? operation.content.length : 0;
        together.push({ path: change.path, bring });
        operations.push(...needed);
        if (size < MOST_BYTES && operations.length < MOST_OPERATIONS) continue;
        await bringTogether(together, operations);
        [together, operations, size] = [[], [], 0];
      }
    }
    await bringTogether(together, operations);
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

    /** Does it; what is as wanted already is left alone, so that it can be done again. */
    async run(journey: Journey): Promise<void> {
      const { before, after } = journey;
      const unwatched = await options.unwatched();
      const changes = (await differing(before, after)).filter(({ path }) => !unwatched.has(path));
      const ofVault = (change: IndexChange) => isOfVault(change.path, [change.before, change.after]);
      await bringNotes(changes.filter(ofVault), journey);
      await bringOthers(
        changes.filter((change) => !ofVault(change)),
        [before, after],
      );
    },
  };
}

export type BringIn = ReturnType<typeof createBringIn>;
