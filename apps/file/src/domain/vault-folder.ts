import { createHash, hash } from 'node:crypto';
import {
  accessSync,
  type BigIntStats,
  closeSync,
  constants,
  fstatSync,
  lstatSync,
  openSync,
  readSync,
  realpathSync,
  type Stats,
  statfsSync,
} from 'node:fs';
import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { isHiddenPath, isVaultPath, normaliseVaultPath } from '@weave-nn/vault';
import { FileError, fileBusy, fromSystem } from '../errors.ts';

/** What identifies a file's state on disk without reading it. Times in microseconds since 1970. */
export interface FileStat {
  size: number;
  mode: number;
  mtimeUs: number;
  ctimeUs: number;
  birthtimeUs: number;
  device: string;
  inode: string;
}

/** A file's content and the state it was read in. */
export interface Snapshot {
  stat: FileStat;
  bytes: Buffer;
  hash: string;
}

const MICROSECOND = 1_000n;
const READ_TRIES = 5;
/** With less free space than this the vault counts as full. */
const LEAST_FREE_BYTES = 1024 * 1024;

export function toFileStat(stat: BigIntStats): FileStat {
  return {
    size: Number(stat.size),
    mode: Number(stat.mode) & 0o7777,
    mtimeUs: Number(stat.mtimeNs / MICROSECOND),
    ctimeUs: Number(stat.ctimeNs / MICROSECOND),
    birthtimeUs: Number(stat.birthtimeNs / MICROSECOND),
    device: String(stat.dev),
    inode: String(stat.ino),
  };
}

type Identity = Pick<FileStat, 'size' | 'mtimeUs' | 'ctimeUs' | 'device' | 'inode'>;

/** Whether two states are surely of the same content, as far as the file system can tell. */
export function sameState(one: Identity, other: Identity): boolean {
  return (
    one.mtimeUs === other.mtimeUs &&
    one.ctimeUs === other.ctimeUs &&
    one.size === other.size &&
    one.inode === other.inode &&
    one.device === other.device
  );
}

/** SHA-256 in hex. */
export function hashOf(bytes: Uint8Array): string {
  return hash('sha256', bytes);
}

/** An open file's state; null when it is no ordinary file. */
function stateOf(file: number): FileStat | null {
  const stat = fstatSync(file, { bigint: true });
  return stat.isFile() ? toFileStat(stat) : null;
}

/** Reads a file that is open; undefined when it changed meanwhile, null when it is no ordinary file. */
function readOpen(file: number): Snapshot | null | undefined {
  const before = stateOf(file);
  if (!before) return null;
  const { size } = before;
  const bytes = Buffer.allocUnsafe(size);
  for (let at = 0; at < size; ) {
    const read = readSync(file, bytes, at, size - at, null);
    if (read === 0) return undefined;
    at += read;
  }
  const stat = stateOf(file);
  return stat && sameState(before, stat) ? { stat, bytes, hash: hashOf(bytes) } : undefined;
}

/** Without following a symbolic link, nor waiting for whoever writes to a pipe. */
const READ_ONLY = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;
/** What opening says where there is nothing, a symbolic link or a socket. */
const NO_FILE = new Set(['ENOENT', 'ENOTDIR', 'ENAMETOOLONG', 'ELOOP', 'ENXIO']);

function readOnce(absolute: string): Snapshot | null | undefined {
  const file = openSync(absolute, READ_ONLY);
  try {
    return readOpen(file);
  } finally {
    closeSync(file);
  }
}

/** A result that was read through `resolve` where nothing can be read. */
function isAway(error: unknown): boolean {
  return NO_FILE.has((error as NodeJS.ErrnoException).code ?? '');
}

/**
 * The vault as a folder on disk. Everything takes paths of the vault, and none leads outside of it: `locate` refuses
 * those that a caller names, `resolve` finds nothing behind those that others have recorded.
 *
 * Metadata is read synchronously: a `stat` takes microseconds on a local disk, a fifth of what a thread pool's turn costs.
 */
export function openVaultFolder(root: string) {
  const real = realpathSync(root);

  function missing(): boolean {
    return !lstatSync(real, { throwIfNoEntry: false })?.isDirectory();
  }

  function assertPresent() {
    if (missing()) throw new FileError('vault-missing', `the vault ${real} is not there; bring the folder back`);
  }

  /**
   * The absolute path of a vault path.
   *
   * @throws VaultError for a path that is malformed or leaves the vault, FileError `path-hidden` for one that belongs
   *   to other programs, `path-is-symlink` for one that goes through a symbolic link
   */
  function locate(path: string): string {
    const normal = normaliseVaultPath(path);
    if (isHiddenPath(normal)) {
      throw new FileError('path-hidden', `${path} is hidden: names that begin with a dot are not part of the vault`);
    }
    let at = real;
    for (const part of normal.split('/')) {
      at = join(at, part);
      let stat: Stats | undefined;
      try {
        stat = lstatSync(at, { throwIfNoEntry: false });
      } catch (error) {
        throw fromSystem(error, path, 'look at');
      }
      if (!stat) break;
      if (stat.isSymbolicLink()) refuseLink(path, at);
      if (!stat.isFile() && !stat.isDirectory()) {
        throw new FileError('path-refused', `${path} is a pipe, socket or device; name another file`);
      }
    }
    return join(real, normal);
  }

  function refuseLink(path: string, at: string): never {
    let target: string | undefined;
    try {
      target = realpathSync(at);
    } catch {
      target = undefined;
    }
    if (target === undefined || (target !== real && !target.startsWith(`${real}/`))) {
      throw Object.assign(new Error(`${path} leaves the vault through a symbolic link`), {
        code: 'path-outside-vault',
      });
    }
    throw new FileError('path-is-symlink', `${path} goes through a symbolic link; name the file that it points to`);
  }

  /**
   * The absolute path of a path whose folders are all folders of the vault; null when one of them is not there, is a
   * symbolic link, or is something else. Hidden names are allowed: this process's own files are among them.
   */
  function resolve(path: string): string | null {
    let at = real;
    let from = 0;
    try {
      for (let slash = path.indexOf('/'); slash >= 0; slash = path.indexOf('/', from)) {
        at = `${at}/${path.slice(from, slash)}`;
        if (!lstatSync(at, { throwIfNoEntry: false })?.isDirectory()) return null;
        from = slash + 1;
      }
    } catch (error) {
      if (isAway(error)) return null;
      throw fromSystem(error, path, 'look at');
    }
    return `${at}/${path.slice(from)}`;
  }

  /** Whether a path can be part of the vault, by its name and by the folders that it goes through. */
  function contains(path: string): boolean {
    return isVaultPath(path) && !isHiddenPath(path) && resolve(path) !== null;
  }

  /**
   * A file's state.
   *
   * @returns null when there is nothing, a folder, or something that is no ordinary file
   */
  function stat(path: string): FileStat | null {
    const absolute = resolve(path);
    if (absolute === null) return null;
    try {
      const found = lstatSync(absolute, { bigint: true, throwIfNoEntry: false });
      return found?.isFile() ? toFileStat(found) : null;
    } catch (error) {
      if (isAway(error)) return null;
      throw error;
    }
  }

  function isFolder(path: string): boolean {
    const absolute = resolve(path);
    if (absolute === null) return false;
    try {
      return lstatSync(absolute, { throwIfNoEntry: false })?.isDirectory() ?? false;
    } catch (error) {
      if (isAway(error)) return false;
      throw error;
    }
  }

  /**
   * Reads a whole file such that content and state belong together, also while somebody writes it.
   *
   * @returns null when there is nothing, a folder, or something that is no ordinary file
   * @throws FileError `file-busy` when it never holds still
   */
  function read(path: string): Snapshot | null {
    const absolute = resolve(path);
    if (absolute === null) return null;
    for (let tries = 0; tries < READ_TRIES; tries++) {
      try {
        const snapshot = readOnce(absolute);
        if (snapshot !== undefined) return snapshot;
      } catch (error) {
        if (isAway(error)) return null;
        throw fromSystem(error, path, 'read');
      }
    }
    throw fileBusy(path);
  }

  /** The hash of a file too large to hold in memory, null when it is not there. */
  async function hashLarge(path: string): Promise<string | null> {
    const absolute = resolve(path);
    if (absolute === null) return null;
    const sum = createHash('sha256');
    try {
      await using file = await open(absolute, READ_ONLY);
      for await (const chunk of file.createReadStream({ autoClose: false })) sum.update(chunk);
    } catch (error) {
      if (isAway(error)) return null;
      throw error;
    }
    return sum.digest('hex');
  }

  /** The reason why this process cannot write to the vault; undefined when it can. */
  function findObstacle(): { degraded: string } | undefined {
    try {
      accessSync(real, constants.W_OK);
    } catch {
      return { degraded: `the vault ${real} is read-only for this process; notes can be read, but not changed` };
    }
    const { bavail, bsize } = statfsSync(real);
    if (bavail * bsize >= LEAST_FREE_BYTES) return undefined;
    return { degraded: `the disk of the vault ${real} is full; free some space, so that notes can be changed` };
  }

  return { root: real, missing, findObstacle, assertPresent, locate, contains, stat, isFolder, read, hashLarge };
}

export type VaultFolder = ReturnType<typeof openVaultFolder>;
