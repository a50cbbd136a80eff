import type { SeenFile } from '../../store/manifest.ts';
import { type FileStat, sameState } from '../vault-folder.ts';
import type { FoundFile } from './walk.ts';

/** Paths at which manifest and disk differ, as far as one can tell without reading files. */
export interface Differences {
  /** In the manifest, with another state on disk. */
  changed: Set<string>;
  /** On disk, not in the manifest. */
  appeared: Set<string>;
  /** In the manifest, not on disk. */
  gone: Set<string>;
  /** The states of those on disk. */
  disk: Map<string, FileStat>;
}

export function noDifferences(): Differences {
  return { changed: new Set(), appeared: new Set(), gone: new Set(), disk: new Map() };
}

/** Adds what a path has on disk and in the manifest, at least one of them, if it differs. */
export function addDifference(
  { changed, appeared, gone, disk }: Differences,
  file: FoundFile | undefined,
  entry: SeenFile | undefined,
): void {
  if (!file) {
    if (entry) gone.add(entry.path);
    return;
  }
  if (entry && file.stat && sameState(entry, file.stat)) return;
  (entry ? changed : appeared).add(file.path);
  if (file.stat) disk.set(file.path, file.stat);
}
