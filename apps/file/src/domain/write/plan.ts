import type { BatchOperation, EditRequest, LeftLink } from '@weave-nn/clients';
import {
  canHaveLinks,
  collisionKey,
  createLinkIndex,
  editSection,
  isNote,
  isWikiTarget,
  type LinkingFile,
  moveKeys,
  needsBlankLine,
  planMove,
  type SectionEdit,
} from '@weave-nn/vault';
import { FileError } from '../../errors.ts';
import type { ManifestEntry, ManifestStore } from '../../store/manifest.ts';
import { decodeNote } from '../read/content.ts';
import type { VaultFolder } from '../vault-folder.ts';
import { outcomeOf, type Planned } from './planned.ts';

/** What a request asks for: the operations of a batch, with content as bytes. */
export type Operation =
  | { op: 'put'; path: string; bytes: Buffer; ifMatch?: string | undefined; ifNoneMatch?: string | undefined }
  | { op: 'append'; path: string; bytes: Buffer; ifMatch?: string | undefined }
  | { op: 'edit'; path: string; edit: EditRequest; ifMatch?: string | undefined }
  | { op: 'delete'; path: string; permanent: boolean; ifMatch?: string | undefined }
  | { op: 'move'; from: string; to: string; ifMatch?: string | undefined };

/** A file as the operations so far leave it. */
type PlannedFile = Omit<Planned, 'permanent'>;

/** The files that operations would leave, and the links that they could not rewrite. */
export interface Plan {
  files: Planned[];
  /** Links that moves leave as they are although they lead elsewhere afterwards. */
  linksLeft: LeftLink[];
}

export interface PlanSources {
  folder: VaultFolder;
  manifest: ManifestStore;
  /** The file's entry, brought up to date with the disk; its path must be locked. */
  current(path: string): Promise<ManifestEntry | undefined>;
  /** Whether a path is locked for this plan; one that is not makes the planning start again with it. */
  isLocked(path: string): boolean;
}

/** Thrown when a plan turns out to need paths that are not locked yet. */
export class MorePathsNeeded extends Error {
  readonly paths: readonly string[];

  constructor(paths: readonly string[]) {
    super('the plan needs more paths');
    this.paths = paths;
  }
}

export function toOperation(operation: BatchOperation): Operation {
  switch (operation.op) {
    case 'put':
      return { ...operation, bytes: Buffer.from(operation.content, operation.encoding ?? 'utf8') };
    case 'append':
      return { ...operation, bytes: Buffer.from(operation.content) };
    case 'delete':
      return { ...operation, permanent: operation.permanent ?? false };
    default:
      return operation;
  }
}

/**
 * The content of a file as its entry has it.
 *
 * @throws MorePathsNeeded when somebody has written it since, so that the plan is made again
 */
export function readBefore(folder: VaultFolder, before: ManifestEntry): Buffer {
  const snapshot = folder.read(before.path);
  if (snapshot?.hash !== before.hash) throw new MorePathsNeeded([before.path]);
  return snapshot.bytes;
}

/** The text between a note and an addition to it, so that neither changes the meaning of the other. */
function appendGap(text: string, addition: string): string {
  const before = text.replace(/\r?\n$/, '');
  if (!needsBlankLine(before, addition)) return '';
  const lineBreak = text.includes('\r\n') ? '\r\n' : '\n';
  return before === text ? lineBreak + lineBreak : lineBreak;
}

function appended(path: string, before: Buffer, bytes: Buffer): Buffer {
  const [note, addition] = [decodeNote(before), decodeNote(bytes)];
  const isText = isNote(path) && note.faithful && addition.faithful;
  // A note that ends in a blank line needs no other one.
  const gap = isText && !/\n\r?\n$/.test(note.text) ? appendGap(note.text, addition.text) : '';
  return Buffer.concat([before, Buffer.from(gap), bytes]);
}

const UNSUITABLE = 'a link in this style cannot name the new path; write it in another style';

function unreadable(path: string, reason: string): LeftLink {
  return { path, line: null, link: null, target: null, reason };
}

/** The paths an operation names. */
export function pathsOf(operation: Operation): string[] {
  return operation.op === 'move' ? [operation.from, operation.to] : [operation.path];
}

function toSectionEdit({ target, operation, content, createIfMissing }: EditRequest): SectionEdit {
  const create = createIfMissing === undefined ? {} : { createIfMissing };
  if ('frontmatter' in target) {
    return { target: { type: 'frontmatter', key: target.frontmatter }, operation, content, ...create };
  }
  if (operation !== 'remove' && typeof content !== 'string') {
    throw new FileError('edit-content-invalid', 'content must be text when a heading or block is edited');
  }
  const text = typeof content === 'string' ? content : '';
  if ('block' in target) return { target: { type: 'block', id: target.block }, operation, content: text, ...create };
  const path = typeof target.heading === 'string' ? [target.heading] : target.heading;
  return { target: { type: 'heading', path, index: target.index }, operation, content: text, ...create };
}

/**
 * Works out what operations would do, one after another, without doing it. A dry run shows the plan, a change
 * carries it out.
 */
export async function makePlan(operations: readonly Operation[], sources: PlanSources): Promise<Plan> {
  /** Every path that the operations concern, as they leave it. */
  const files = new Map<string, PlannedFile>();
  /** Files that were there at the start, by their paths. */
  const originals = new Map<string, ManifestEntry>();
  /** Paths of the originals that were deleted without being kept in the trash. */
  const permanent = new Set<string>();
  const linksLeft: LeftLink[] = [];
  const { folder, manifest } = sources;

  async function look(path: string): Promise<PlannedFile> {
    const known = files.get(path);
    if (known) return known;
    if (!sources.isLocked(path)) throw new MorePathsNeeded([path]);
    folder.locate(path);
    if (folder.isFolder(path)) throw new FileError('path-is-folder', `${path} is a folder`);
    const before = await sources.current(path);
    const planned: PlannedFile = { path, before, bytes: before ? 'unchanged' : null };
    files.set(path, planned);
    if (before) originals.set(path, before);
    return planned;
  }

  async function existing(path: string): Promise<PlannedFile> {
    const planned = await look(path);
    if (planned.bytes === null) throw new FileError('file-not-found', `there is no file ${path}`);
    return planned;
  }

  function contentOf({ before, bytes }: PlannedFile): Buffer {
    return bytes === 'unchanged' && before ? readBefore(folder, before) : Buffer.from(bytes ?? '');
  }

  /** A name that differs from another file's only in case or normalisation would overwrite it on some disks. */
  async function refuseCollision(path: string, except: string | null = null) {
    const key = collisionKey(path);
    const others = (await manifest.colliding(key)).filter((other) => files.get(other)?.bytes !== null);
    const planned = [...files.values()].filter(
      ({ path: other, bytes }) => bytes !== null && collisionKey(other) === key,
    );
    const other = [...others, ...planned.map((each) => each.path)].find((each) => each !== path && each !== except);
    if (other) {
      throw new FileError(
        'name-collision',
        `${path} differs from ${other} only in case or Unicode normalisation; rename one`,
      );
    }
  }

  function condition(planned: PlannedFile, ifMatch: string | undefined) {
    if (ifMatch === undefined) return;
    const etag = planned.bytes === null ? null : `"${planned.before?.hash ?? ''}"`;
    const wanted = ifMatch.split(',').map((tag) => tag.trim());
    if (etag !== null && (wanted.includes('*') || wanted.includes(etag))) return;
    throw new FileError(
      'precondition-failed',
      `${planned.path} is not what If-Match says; its ETag is ${etag ?? 'none'}`,
    );
  }

  async function put(path: string, bytes: Buffer, ifMatch?: string, ifNoneMatch?: string) {
    const planned = await look(path);
    condition(planned, ifMatch);
    if (ifNoneMatch === '*' && planned.bytes !== null) {
      throw new FileError('precondition-failed', `${path} exists already`);
    }
    if (planned.bytes === null) await refuseCollision(path);
    planned.bytes = bytes;
  }

  async function edit(path: string, request: EditRequest, ifMatch?: string) {
    const planned = await existing(path);
    condition(planned, ifMatch);
    if (!isNote(path)) throw new FileError('not-a-note', `${path} is not a markdown note`);
    const { text, faithful, warning } = decodeNote(contentOf(planned));
    if (!faithful) throw new FileError('note-not-utf8', `${path} cannot be edited by section: ${warning}`);
    planned.bytes = Buffer.from(editSection(text, toSectionEdit(request)));
  }

  async function move(from: string, to: string, ifMatch?: string) {
    folder.locate(from);
    folder.locate(to);
    const present = await presentPaths();
    const moves = folder.isFolder(from) || !present.has(from) ? folderMoves(from, to, present) : new Map([[from, to]]);
    const missing = [...moves].flat().filter((path) => !sources.isLocked(path));
    const index = createLinkIndex(present);
    const linking = new Set([...files.values()].flatMap(({ path, bytes }) => (bytes === null ? [] : [path])));
    for (const key of moveKeys(moves)) {
      for (const note of await manifest.linking(key)) linking.add(note);
    }
    missing.push(...[...linking].filter((path) => !sources.isLocked(path)));
    if (missing.length > 0) throw new MorePathsNeeded(missing);

    for (const [old, next] of moves) {
      if (isNote(next) && !isWikiTarget(next)) {
        throw new FileError('name-unlinkable', `no link can name ${next}; leave out the characters # | ^ [ ]`);
      }
      const planned = await existing(old);
      condition(planned, ifMatch);
      const target = await look(next);
      if (target.bytes !== null) throw new FileError('target-exists', `there is a file ${next} already`);
      await refuseCollision(next, old);
    }
    const { changed, left } = planMove({
      moves,
      index,
      files: await linkingFiles([...moves.keys(), ...linking], moves),
    });
    linksLeft.push(...left.map((each) => ({ ...each, path: moves.get(each.path) ?? each.path, reason: UNSUITABLE })));
    for (const [path, text] of changed) {
      const planned = await look(path);
      planned.bytes = Buffer.from(text);
    }
    for (const [old, next] of moves) {
      const planned = await look(old);
      files.set(next, { ...planned, path: next });
      files.set(old, { path: old, before: undefined, bytes: null });
    }
  }

  /** Every path there is, as the operations so far leave it. */
  async function presentPaths(): Promise<Set<string>> {
    const paths = new Set(await manifest.paths());
    for (const { path, bytes } of files.values()) {
      if (bytes === null) paths.delete(path);
      else paths.add(path);
    }
    return paths;
  }

  function folderMoves(from: string, to: string, present: ReadonlySet<string>): Map<string, string> {
    const below = [...present].filter((path) => path.startsWith(`${from}/`));
    if (below.length === 0 && !folder.isFolder(from)) return new Map([[from, to]]);
    if (`${to}/`.startsWith(`${from}/`)) {
      throw new FileError('target-exists', `the folder ${from} cannot be moved into itself`);
    }
    if (below.length === 0) throw new FileError('nothing-to-move', `the folder ${from} has no files`);
    return new Map(below.map((path) => [path, `${to}${path.slice(from.length)}`]));
  }

  async function linkingFiles(paths: Iterable<string>, moves: ReadonlyMap<string, string>) {
    const found: LinkingFile[] = [];
    for (const path of new Set(paths)) {
      if (!canHaveLinks(path)) continue;
      const planned = await look(path);
      if (planned.bytes === null) continue;
      const { text, faithful, warning } = decodeNote(contentOf(planned));
      if (faithful) found.push({ path, text });
      else linksLeft.push(unreadable(moves.get(path) ?? path, `its links are not rewritten: ${warning}`));
    }
    return found;
  }

  for (const operation of operations) {
    if (operation.op === 'put') await put(operation.path, operation.bytes, operation.ifMatch, operation.ifNoneMatch);
    if (operation.op === 'append') {
      const planned = await look(operation.path);
      await put(operation.path, appended(operation.path, contentOf(planned), operation.bytes), operation.ifMatch);
    }
    if (operation.op === 'edit') await edit(operation.path, operation.edit, operation.ifMatch);
    if (operation.op === 'delete') {
      const planned = await existing(operation.path);
      condition(planned, operation.ifMatch);
      if (operation.permanent && planned.before) permanent.add(planned.before.path);
      files.set(operation.path, { path: operation.path, before: undefined, bytes: null });
    }
    if (operation.op === 'move') await move(operation.from, operation.to, operation.ifMatch);
  }
  return { files: outcomeOf(files.values(), originals, permanent), linksLeft };
}
