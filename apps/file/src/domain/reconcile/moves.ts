import type { ManifestEntry } from '../../store/manifest.ts';
import type { Present } from './recording.ts';

function byKey<Item>(items: readonly Item[], key: (item: Item) => string): Map<string, Item[]> {
  const groups = new Map<string, Item[]>();
  for (const item of items) {
    const name = key(item);
    const group = groups.get(name);
    if (group) group.push(item);
    else groups.set(name, [item]);
  }
  return groups;
}

const identity = (file: { device: string; inode: string; birthtimeUs: number }) =>
  `${file.device}:${file.inode}:${file.birthtimeUs}`;

/**
 * Which of the files that are gone are the ones that have appeared. A file is the same when device, inode and birth
 * time match (an inode alone is reused at once), or when its content is the only such on both sides.
 *
 * @returns for the path of each that appeared by a move, the entry it had before
 */
export function matchMoves(gone: readonly ManifestEntry[], appeared: readonly Present[]): Map<string, ManifestEntry> {
  const moves = new Map<string, ManifestEntry>();
  const used = new Set<string>();
  function pair(present: Present, entry: ManifestEntry) {
    moves.set(present.path, entry);
    used.add(entry.path);
  }

  const goneByIdentity = byKey(gone, identity);
  for (const present of appeared) {
    const [entry] = goneByIdentity.get(identity(present.stat)) ?? [];
    if (entry && !used.has(entry.path)) pair(present, entry);
  }
  const goneByHash = byKey(
    gone.filter(({ path }) => !used.has(path)),
    ({ hash }) => hash,
  );
  const appearedByHash = byKey(
    appeared.filter(({ path }) => !moves.has(path)),
    ({ hash }) => hash,
  );
  for (const [hash, [present, ...others]] of appearedByHash) {
    const [entry, ...otherEntries] = goneByHash.get(hash) ?? [];
    if (present && entry && others.length === 0 && otherEntries.length === 0) pair(present, entry);
  }
  return moves;
}
