import { baseName, foldCase, folderOf } from '../paths/paths.ts';
import { linkKey } from './link-key.ts';

/** How a target is looked up: as a path in the vault (`exact`), or as the end of one. */
interface Lookup {
  path: string;
  exact: boolean;
}

/** The link targets of a vault. */
export interface LinkIndex {
  /** Adds a file; adding it again changes nothing. */
  add(path: string): void;
  /** Removes a file; removing an unknown one changes nothing. */
  remove(path: string): void;
  /** What `resolveLink` gives for the files added so far. */
  resolve(target: string, sourcePath: string): string | null;
  /** All files a link with this last segment could mean, sorted. */
  candidates(name: string): readonly string[];
}

/** Joins `path` to `folder`, resolving `.` and `..`; `null` when that leaves the vault. */
export function joinInVault(folder: string, path: string): string | null {
  const out = folder === '' ? [] : folder.split('/');
  for (const segment of path.split('/')) {
    if (segment === '' || segment === '.') continue;
    if (segment !== '..') out.push(segment);
    else if (out.pop() === undefined) return null;
  }
  return out.join('/');
}

function lookupOf(target: string, sourcePath: string): Lookup | null {
  const isRelative = target.startsWith('./') || target.startsWith('../');
  const isRooted = target.startsWith('/');
  const plain = !isRelative && !isRooted && !target.includes('//') && !target.includes('/.');
  const path = plain ? target : joinInVault(isRelative ? folderOf(sourcePath) : '', target);
  if (path === null || path === '' || path.endsWith('/')) return null;
  return { path, exact: isRelative || isRooted };
}

const NOTE_EXTENSION = /\.md$/i;

// Lower is better, for paths that match equally far.
const AS_WRITTEN = 0;
const AS_NOTE = 1;
const AS_BARE_FILE = 2;
const NO_MATCH = 9;

function hasExtension(path: string): boolean {
  return baseName(path).lastIndexOf('.') > 0;
}

/** How `candidate` ends in `wanted` on whole segments. Both are compared as they are. */
function matchKind(candidate: string, wanted: string): number {
  if (endsOnSegment(candidate, wanted)) return hasExtension(wanted) ? AS_WRITTEN : AS_BARE_FILE;
  const isNote = candidate.length > 3 && NOTE_EXTENSION.test(candidate);
  if (isNote && endsOnSegment(candidate.slice(0, -3), wanted)) return AS_NOTE;
  return NO_MATCH;
}

function endsOnSegment(path: string, suffix: string): boolean {
  if (!path.endsWith(suffix)) return false;
  return path.length === suffix.length || path.charCodeAt(path.length - suffix.length - 1) === 47;
}

/** Ranks of a candidate, compared in order; lower wins. */
function rank(candidate: string, wanted: string, folded: string, beside: string): number[] | null {
  const foldedCandidate = foldCase(candidate);
  const kind = matchKind(foldedCandidate, folded);
  if (kind === NO_MATCH) return null;
  const isWhole = foldedCandidate.length - folded.length === (kind === AS_NOTE ? 3 : 0);
  const sameCase = matchKind(candidate, wanted) === kind ? 0 : 1;
  if (isWhole) return [0, sameCase, kind, 0, candidate.length, 0];
  const isBeside = foldedCandidate.length - beside.length === (kind === AS_NOTE ? 3 : 0);
  const inSourceFolder = isBeside && foldedCandidate.startsWith(beside) ? 0 : 1;
  return [1, 0, kind, inSourceFolder, candidate.length, sameCase];
}

function isBetter(a: readonly number[], b: readonly number[], pathA: string, pathB: string): boolean {
  for (let i = 0; i < a.length; i++) {
    const left = a[i] ?? 0;
    const right = b[i] ?? 0;
    if (left !== right) return left < right;
  }
  return pathA < pathB;
}

/** The candidate that nothing is better than: the whole path as it is written, or with the `.md` that was left out. */
function wholeAsWritten(path: string, candidates: readonly string[]): string | null {
  if (hasExtension(path) && candidates.includes(path)) return path;
  const note = `${path}.md`;
  return candidates.includes(note) ? note : null;
}

/**
 * The file a link means, as Obsidian resolves it.
 *
 * Takes the decoded target without subpath, the vault path of the note the link is in and all files of the vault
 * whose `linkKey` is the target's, in any order; returns the file's vault path or `null`. An empty target is the
 * note itself; `./` and `../` are relative to the note's folder and `/` to the vault's root, and both have to match
 * a whole path. Otherwise a whole path wins, in the same case first, then in any case; then a path that ends in the
 * target on whole segments: the one in the note's own folder, then the shortest, then the first alphabetically.
 * `.md` may be left out, other extensions may not. Aliases do not count. Never throws.
 */
export function resolveLink(target: string, sourcePath: string, candidates: readonly string[]): string | null {
  if (target === '') return sourcePath;
  if (candidates.length === 0) return null;
  const lookup = lookupOf(target, sourcePath);
  if (lookup === null) return null;
  // Most links are such, and folding takes most of the time of resolving one.
  const written = wholeAsWritten(lookup.path, candidates);
  if (written !== null) return written;
  const [only] = candidates;
  if (only !== undefined && candidates.length === 1 && !lookup.exact && matchKind(only, lookup.path) !== NO_MATCH) {
    return only;
  }
  const folded = foldCase(lookup.path);
  const folder = folderOf(sourcePath);
  const beside = foldCase(folder === '' ? lookup.path : `${folder}/${lookup.path}`);
  let best: string | null = null;
  let bestRank: number[] = [];
  for (const candidate of candidates) {
    const ranks = rank(candidate, lookup.path, folded, beside);
    if (ranks === null || (lookup.exact && ranks[0] !== 0)) continue;
    if (best === null || isBetter(ranks, bestRank, candidate, best)) {
      best = candidate;
      bestRank = ranks;
    }
  }
  return best;
}

/**
 * Whether a link means a file by nothing but its name: it resolves whenever there is a file with its `linkKey`.
 *
 * Takes the decoded target without subpath. Links with a path or with `.md` may find no file although there is one of
 * their key. Never throws.
 */
export function namesAnyFile(target: string): boolean {
  return target !== '' && !target.includes('/') && !NOTE_EXTENSION.test(target);
}

/**
 * Whether a link means a file by its whole path, so that it means no other for as long as that is there.
 *
 * Takes the decoded target without subpath, the vault path of the note the link is in and that of the file it resolves
 * to. Never throws.
 */
export function namesWholePath(target: string, sourcePath: string, path: string): boolean {
  const lookup = lookupOf(target, sourcePath);
  if (lookup === null) return false;
  // Where `v1.2` means the note `v1.2.md`, a file `v1.2` would come before it.
  return path === (hasExtension(lookup.path) ? lookup.path : `${lookup.path}.md`);
}

/**
 * Indexes the files of a vault for link resolution.
 *
 * Takes the vault paths of all its files (attachments too); returns an index that can be kept up to date. Its answers
 * do not depend on the order in which files were added. Never throws.
 */
export function createLinkIndex(paths: Iterable<string>): LinkIndex {
  const byKey = new Map<string, Set<string>>();
  const candidates = (name: string): string[] => [...(byKey.get(linkKey(name)) ?? [])].sort();
  const index: LinkIndex = {
    add(path) {
      const key = linkKey(path);
      const files = byKey.get(key);
      if (files === undefined) byKey.set(key, new Set([path]));
      else files.add(path);
    },
    remove(path) {
      const key = linkKey(path);
      const files = byKey.get(key);
      if (files?.delete(path) && files.size === 0) byKey.delete(key);
    },
    resolve(target, sourcePath) {
      if (target === '') return sourcePath;
      const files = byKey.get(linkKey(target));
      return files === undefined ? null : resolveLink(target, sourcePath, [...files]);
    },
    candidates,
  };
  for (const path of paths) index.add(path);
  return index;
}
