import { baseName, folderOf } from '../paths/paths.ts';
import type { Link } from '../scan/types.ts';
import { fileLinks } from './file-links.ts';
import { linkKey } from './link-key.ts';
import { writtenTarget } from './link-text.ts';
import { joinInVault, type LinkIndex, resolveLink } from './resolve.ts';
import { rewriteLinks } from './rewrite.ts';

/** A file whose links a move may concern. */
export interface LinkingFile {
  path: string;
  text: string;
}

/** What `planMove` needs to know. */
export interface MoveRequest {
  /** Vault path before the move to vault path after it, for each file that moves. */
  moves: ReadonlyMap<string, string>;
  /** Index of all files of the vault before the move. */
  index: LinkIndex;
  /** Files that may have to change, at their paths before the move: at least those with a key of `moveKeys`. */
  files: Iterable<LinkingFile>;
}

/** A link that leads elsewhere after a move, and that could not be rewritten in its style. */
export interface LeftLink {
  /** The file that it is in, at its path before the move. */
  path: string;
  line: number;
  /** The link as it is written. */
  link: string;
  /** What it meant, at its path after the move. */
  target: string;
}

export interface MovePlan {
  /** The new text of each file that changes, by its path before the move. */
  changed: Map<string, string>;
  left: LeftLink[];
}

type Resolve = (target: string, sourcePath: string) => string | null;

/**
 * Link keys a move concerns.
 *
 * Takes the moves; returns the keys of the old and new names. A note can only need a change if one of its `linkKeys`
 * is among them or if it moves itself. Never throws.
 */
export function moveKeys(moves: ReadonlyMap<string, string>): Set<string> {
  const keys = new Set<string>();
  for (const [from, to] of moves) keys.add(linkKey(from)).add(linkKey(to));
  return keys;
}

function resolverAfter(moves: ReadonlyMap<string, string>, index: LinkIndex): Resolve {
  const arrivals = new Map<string, string[]>();
  for (const to of moves.values()) {
    const key = linkKey(to);
    const paths = arrivals.get(key);
    if (paths === undefined) arrivals.set(key, [to]);
    else paths.push(to);
  }
  const known = new Map<string, readonly string[]>();
  const candidatesAfter = (key: string): readonly string[] => {
    let candidates = known.get(key);
    if (candidates === undefined) {
      candidates = index.candidates(key).filter((path) => !moves.has(path));
      candidates = [...candidates, ...(arrivals.get(key) ?? [])];
      known.set(key, candidates);
    }
    return candidates;
  };
  return (target, sourcePath) => resolveLink(target, sourcePath, candidatesAfter(linkKey(target)));
}

const MD = /\.md$/i;

function withoutMd(path: string): string {
  return baseName(path).length > 3 ? path.replace(MD, '') : path;
}

function relativePath(folder: string, path: string): string {
  const from = folder === '' ? [] : folder.split('/');
  const to = path.split('/');
  let shared = 0;
  while (shared < from.length && shared < to.length - 1 && from[shared] === to[shared]) shared++;
  return [...from.slice(shared).map(() => '..'), ...to.slice(shared)].join('/');
}

function dotted(path: string): string {
  return path.startsWith('../') ? path : `./${path}`;
}

function lastSegments(path: string, count: number): string {
  return path.split('/').slice(-count).join('/');
}

/** Whether a target names the file by the end of its path as it is spelled. */
function namesPath(target: string, path: string): boolean {
  const written = target.replace(/^(?:\.{0,2}\/)+/, '');
  const spelled = MD.test(written) ? path : withoutMd(path);
  return spelled === written || spelled.endsWith(`/${written}`);
}

/** Targets that may express the link to `want`, the one that keeps the link's style best first. */
function* styledTargets(
  link: Link,
  before: string,
  oldSource: string,
  want: string,
  source: string,
): Generator<string> {
  const { target } = link;
  if (link.kind === 'path') return yield `/${want}`;
  const keepsMd = MD.test(target) || !MD.test(before);
  const path = keepsMd ? want : withoutMd(want);
  // A file that is only renamed keeps the rest of the path as it was spelled.
  if (folderOf(before) === folderOf(want)) yield target.slice(0, target.lastIndexOf('/') + 1) + baseName(path);
  if (target.startsWith('./') || target.startsWith('../')) {
    yield dotted(relativePath(folderOf(source), path));
    yield dotted(relativePath(folderOf(source), want));
  }
  if (target.startsWith('/')) yield `/${path}`;
  if (!target.includes('/')) {
    yield baseName(path);
  } else {
    const isBeside = joinInVault(folderOf(oldSource), target) === (keepsMd ? before : withoutMd(before));
    const isWhole = target === (keepsMd ? before : withoutMd(before));
    if (link.kind === 'markdown' && isBeside && !isWhole) yield relativePath(folderOf(source), path);
    if (!isWhole) yield lastSegments(path, target.split('/').length);
  }
  yield path;
  yield want;
  yield `/${path}`;
  yield `/${want}`;
}

/**
 * Plans the changes to notes, canvases and bases that keep every link meaning the same file when files move.
 *
 * Takes the moves, the index before them and the files that may be concerned. Touched are only links that would
 * otherwise resolve to another file or none, or that spell a moved file's old path; links that resolved to nothing
 * stay. The style stays: a bare name where it still resolves (else the full path), a path, `./` and `../`, a leading
 * `/`, with or without `.md`, wiki or markdown. A link whose style cannot express the new path (see `isWikiTarget`)
 * stays too, and is among those that are left. Never throws.
 */
export function planMove({ moves, index, files }: MoveRequest): MovePlan {
  const resolveAfter = resolverAfter(moves, index);
  const plan: MovePlan = { changed: new Map(), left: [] };
  for (const { path, text } of files) {
    const source = moves.get(path) ?? path;
    const replace = (link: Link): string | null => {
      if (link.external || link.target === '') return null;
      const before = index.resolve(link.target, path);
      if (before === null) return null;
      const want = moves.get(before) ?? before;
      const isSame = resolveAfter(link.target, source) === want;
      const spellsOld = want !== before && namesPath(link.target, before) && !namesPath(link.target, want);
      if (isSame && !spellsOld) return null;
      for (const target of styledTargets(link, before, path, want, source)) {
        if (resolveAfter(target, source) === want && writtenTarget(text, link, target) !== null) return target;
      }
      if (!isSame) plan.left.push({ path, line: link.line, link: text.slice(link.start, link.end), target: want });
      return null;
    };
    const rewritten = rewriteLinks(text, fileLinks(path, text), replace);
    if (rewritten !== text) plan.changed.set(path, rewritten);
  }
  return plan;
}
