import { collisionKey } from '@weave-nn/vault';
import type { ManifestEntry } from '../../store/manifest.ts';

/** A file before and after a plan. A path has two when its file is deleted and another one takes its place. */
export interface Planned {
  path: string;
  /** The file's entry before; for a moved file the entry at its old path. */
  before: ManifestEntry | undefined;
  /** The content after; `unchanged` when it is the one before, null when the file is gone. */
  bytes: Buffer | 'unchanged' | null;
  /** Whether a deleted file is not kept in the trash. */
  permanent: boolean;
}

export type ChangeKind = 'created' | 'updated' | 'moved' | 'deleted';

/** The kind of change that a planned file undergoes; null for none. */
export function changeOf({ path, before, bytes }: Planned): ChangeKind | null {
  if (!before) return bytes === null ? null : 'created';
  if (bytes === null) return 'deleted';
  if (before.path !== path) return 'moved';
  return bytes === 'unchanged' ? null : 'updated';
}

/**
 * Relates the files that operations leave to those that were there at first.
 *
 * @param left every path that the operations concern, as they leave it; `before` is the file's first entry, if it has one
 * @param originals the files that were there at first, by path
 * @param permanent paths of the originals that were deleted without being kept in the trash
 * @returns a planned file for each path, and one more for an original that was deleted and whose path another file has
 */
export function outcomeOf(
  left: Iterable<Omit<Planned, 'permanent'>>,
  originals: ReadonlyMap<string, ManifestEntry>,
  permanent: ReadonlySet<string>,
): Planned[] {
  const files = [...left];
  const kept = new Set(files.flatMap(({ before, bytes }) => (before && bytes !== null ? [before.path] : [])));
  return files.flatMap((file) => {
    const { path, before, bytes } = file;
    const original = kept.has(path) ? undefined : originals.get(path);
    const deletion = original && { path, before: original, bytes: null, permanent: permanent.has(path) };
    if (bytes === null) return deletion ? [deletion] : [];
    const present = { ...file, before: before ?? original, permanent: false };
    return before && deletion ? [deletion, present] : [present];
  });
}

/**
 * Which paths of a plan lose their file and have another one afterwards, also one whose name differs only in case or
 * normalisation, which some disks take for the same.
 */
export function reusedPaths(plan: readonly Planned[]): ReadonlySet<string> {
  const arrivals = Map.groupBy(
    plan.filter(({ path, before, bytes }) => bytes !== null && before?.path !== path),
    ({ path }) => collisionKey(path),
  );
  const reused = new Set<string>();
  for (const { path, before, bytes } of plan) {
    if (!before || (bytes !== null && before.path === path)) continue;
    const others = arrivals.get(collisionKey(before.path)) ?? [];
    if (others.some((other) => other.before?.path !== before.path)) reused.add(before.path);
  }
  return reused;
}
