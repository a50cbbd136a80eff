import { isHiddenPath, normaliseVaultPath } from '@weave-nn/vault';
import { changesBetween, type IndexChange, type TreeEntry } from '../commit/private-index.ts';
import type { Git } from '../program/git.ts';
import type { Journey } from './bring-file.ts';
import type { BringNotes } from './bring-notes.ts';
import type { BringOthers } from './bring-others.ts';
import { divideByPrecedence } from './order.ts';
import type { Places } from './places.ts';

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

/** Brings the vault from one commit to another. */
export function createBringIn(options: {
  git: Git;
  places: Places;
  bringNotes: BringNotes;
  bringOthers: BringOthers;
  /** The files that the owner has told git not to look at. */
  unwatched(): Promise<ReadonlyMap<string, unknown>>;
}) {
  const { git, places, bringNotes, bringOthers } = options;

  const differing = (before: string, after: string) => changesBetween(git, before, after);

  async function bring(changes: readonly IndexChange[], journey: Journey): Promise<void> {
    const ofVault = ({ path, before, after }: IndexChange) => isOfVault(path, [before, after]);
    await bringNotes(changes.filter(ofVault), journey);
    await bringOthers(
      changes.filter((change) => !ofVault(change)),
      journey,
    );
    places.noteRemoved(changes);
  }

  return {
    differing,
    removeEmptiedFolders: places.removeEmptied,

    /** Brings these changes; what is as wanted already is left alone, so that it can be done again. */
    async bring(changes: readonly IndexChange[], journey: Journey): Promise<void> {
      const unwatched = await options.unwatched();
      const { first, rest } = divideByPrecedence(changes.filter(({ path }) => !unwatched.has(path)));
      if (first.length > 0) {
        await bring(first, journey);
        await places.makeRoom(rest.flatMap(({ path, before }) => (before ? [] : [path])));
      }
      await bring(rest, journey);
      await places.applyModes(rest);
      places.removeEmptied();
    },

    /** The same for all that differs between the two commits. */
    async run(journey: Journey): Promise<void> {
      await this.bring(await differing(journey.before, journey.after), journey);
    },
  };
}

export type BringIn = ReturnType<typeof createBringIn>;
