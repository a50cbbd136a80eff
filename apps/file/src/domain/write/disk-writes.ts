import { lstatSync, renameSync, rmSync } from 'node:fs';
import { link, lstat, mkdir, open, rename, rm, unlink } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { conflictName, folderOf } from '@weave-nn/vault';
import { FileError } from '../../errors.ts';
import { type FileStat, toFileStat, type VaultFolder } from '../vault-folder.ts';
import type { Intent } from './write-group.ts';

/** What became of one intent on disk. */
export interface Executed {
  /** The state of what stands at the intent's path; null when nothing does. */
  stat: FileStat | null;
  /** The content that was replaced or removed, as it was expected; null when there was none. */
  replaced: Buffer | null;
  /** Texts that another program saved in the same moment, and where they are now. */
  conflicts: { path: string; bytes: Buffer; stat: FileStat }[];
}

const LINK_TRIES = 10;

function isCode(error: unknown, ...codes: string[]): boolean {
  return codes.includes((error as NodeJS.ErrnoException).code ?? '');
}

/** Makes what was renamed, linked or removed in a folder durable. */
async function syncFolder(folder: string): Promise<void> {
  await using handle = await open(folder, 'r');
  await handle.sync();
}

async function inodeOf(path: string): Promise<bigint | null> {
  try {
    return (await lstat(path, { bigint: true })).ino;
  } catch (error) {
    if (isCode(error, 'ENOENT', 'ENOTDIR')) return null;
    throw error;
  }
}

/**
 * Whether two names are one file, or the first is not there. Synchronous, as is what follows it: between two turns of
 * the event loop an editor had milliseconds to rename its text into place and lose it.
 */
function isStill(path: string, aside: string): boolean {
  const inode = lstatSync(path, { bigint: true, throwIfNoEntry: false })?.ino;
  return inode === undefined || inode === lstatSync(aside, { bigint: true, throwIfNoEntry: false })?.ino;
}

/** The second name of a file that another program made where a detached file is to go. */
const metAt = (aside: string) => `${aside}-met`;

/** The second names that an intent may leave, each with the hash of the file that should have it; null for none. */
function asidesOf({
  kind,
  aside,
  detached,
  temporary,
  hashBefore,
}: Intent): { name: string; expected: string | null }[] {
  if (aside === null) return [];
  const own = { name: aside, expected: hashBefore };
  if (!detached || kind !== 'move') return [own];
  const met = { name: metAt(aside), expected: null };
  // Without a new content the file of the second name is the one that has been moved.
  return temporary === null ? [met] : [own, met];
}

/** The steps of a write that touch the disk. Each can be repeated after a crash, whatever it had reached. */
export function createDiskWrites(folder: VaultFolder) {
  const at = (path: string) => join(folder.root, path);

  /** Gives `aside` to the file at `path` as a second name. */
  async function setAside(path: string, aside: string): Promise<void> {
    const inode = await inodeOf(path);
    if (inode === null || (await inodeOf(aside)) === inode) return;
    await rm(aside, { force: true });
    try {
      await link(path, aside);
    } catch (error) {
      if (!isCode(error, 'ENOENT')) throw error;
    }
  }

  /**
   * Sets aside what is at `path`, and does something to the name while it surely still is that file, and this process
   * still the one that may.
   *
   * @throws FileError `file-busy` when another program replaces it again and again
   */
  async function settingAside(
    path: string,
    aside: string,
    act: () => void,
    assertHeld: () => void,
    before = async () => {},
  ): Promise<void> {
    for (let tries = 0; tries < LINK_TRIES; tries++) {
      await setAside(path, aside);
      await before();
      if (!isStill(path, aside)) continue;
      assertHeld();
      return act();
    }
    throw new FileError('file-busy', `another program keeps replacing ${path}`);
  }

  /** Names a file `to` as well, only if nothing has that name. */
  async function linkNew(from: string, to: string): Promise<boolean> {
    try {
      await link(from, to);
      return true;
    } catch (error) {
      if (isCode(error, 'EEXIST')) return (await inodeOf(from)) === (await inodeOf(to));
      throw error;
    }
  }

  async function put(path: string, temporary: string, aside: string, assertHeld: () => void): Promise<void> {
    const inode = await inodeOf(temporary);
    if (inode === null) return;
    if ((await inodeOf(path)) !== inode) {
      if ((await inodeOf(path)) === null && (await linkNew(temporary, path))) {
        await unlink(temporary);
        return;
      }
      await settingAside(path, aside, () => renameSync(temporary, path), assertHeld);
      return;
    }
    await unlink(temporary);
  }

  async function move(
    intent: Intent,
    from: string,
    path: string,
    aside: string,
    assertHeld: () => void,
  ): Promise<void> {
    if (intent.temporary) {
      await setAside(from, aside);
      if (await inodeOf(at(intent.temporary))) await put(path, at(intent.temporary), aside, assertHeld);
      assertHeld();
      // What has another inode by now is a new file that another program made there.
      if (isStill(from, aside)) rmSync(from, { force: true });
      return;
    }
    const inode = await inodeOf(from);
    if (inode === null) return;
    const there = await inodeOf(path);
    if (there === inode && from !== path) {
      const separate = (await lstat(from)).nlink > 1;
      await (separate ? rm(from, { force: true }) : rename(from, path));
      return;
    }
    if (there === null && (await linkNew(from, path))) {
      assertHeld();
      if (isStill(from, path)) rmSync(from, { force: true });
    } else await settingAside(path, aside, () => renameSync(from, path), assertHeld);
  }

  /** Brings a file that has only its second name to its new path. */
  async function attach(intent: Intent, path: string, aside: string, assertHeld: () => void): Promise<void> {
    if (intent.temporary) return put(path, at(intent.temporary), metAt(aside), assertHeld);
    if (folder.stat(intent.aside ?? '') === null || (await linkNew(aside, path))) return;
    const next = `${aside}-next`;
    await rm(next, { force: true });
    await link(aside, next);
    await settingAside(path, metAt(aside), () => renameSync(next, path), assertHeld);
  }

  async function remove(intent: Intent, path: string, aside: string, assertHeld: () => void): Promise<void> {
    async function toTrash() {
      if (!intent.trash || folder.stat(intent.aside ?? '') === null) return;
      const trash = at(intent.trash);
      folder.assertPresent();
      await mkdir(dirname(trash), { recursive: true });
      await linkNew(aside, trash);
      await syncFolder(dirname(trash));
    }
    if (intent.detached) return toTrash();
    await settingAside(path, aside, () => rmSync(path, { force: true }), assertHeld, toTrash);
  }

  /** Keeps a text beside the note it lost against. */
  async function keepConflict(path: string, aside: string, bytes: Buffer, moment: Date) {
    for (let attempt = 0; ; attempt++) {
      const name = conflictName(path, moment, attempt);
      if (!(await linkNew(aside, at(name)))) continue;
      await syncFolder(dirname(at(name)));
      return { path: name, bytes, stat: toFileStat(await lstat(at(name), { bigint: true })) };
    }
  }

  return {
    /**
     * Takes the file of a detached intent from its path. The second name tells a repetition that this is done, since
     * another file of the group may be at the path by then; where there was no file a folder has that name.
     *
     * @param assertHeld throws once another process may be carrying it out
     */
    async detach(intent: Intent, assertHeld: () => void): Promise<void> {
      assertHeld();
      folder.assertPresent();
      const path = at(intent.from ?? intent.path);
      const aside = at(intent.aside ?? '');
      const take = () => rmSync(path, { force: true });
      await mkdir(dirname(path), { recursive: true });
      if ((await inodeOf(aside)) === null) {
        await settingAside(path, aside, take, assertHeld);
        if ((await inodeOf(aside)) === null) await mkdir(aside);
      } else if (isStill(path, aside)) {
        assertHeld();
        take();
      }
      await syncFolder(dirname(path));
    },

    /**
     * Carries out one intent of a decided group; every detached one has been detached before.
     *
     * @param assertHeld throws once another process may be carrying it out
     */
    async execute(intent: Intent, moment: Date, assertHeld: () => void): Promise<Executed> {
      assertHeld();
      // What is tried again must not make a vault that is away.
      folder.assertPresent();
      const path = at(intent.path);
      const aside = at(intent.aside ?? `${intent.path}-old`);
      await mkdir(dirname(path), { recursive: true });
      if (intent.kind === 'put' && intent.temporary) await put(path, at(intent.temporary), aside, assertHeld);
      if (intent.kind === 'move' && intent.from) {
        if (intent.detached) await attach(intent, path, aside, assertHeld);
        else await move(intent, at(intent.from), path, aside, assertHeld);
      }
      if (intent.kind === 'remove') await remove(intent, path, aside, assertHeld);
      const folders = new Set([folderOf(intent.path), ...(intent.from ? [folderOf(intent.from)] : [])]);
      for (const each of folders) {
        if (each === '' || folder.isFolder(each)) await syncFolder(at(each));
      }
      return { stat: folder.stat(intent.path), ...(await this.inspectAsides(intent, moment)) };
    },

    /** Compares what was set aside with what was expected there. */
    async inspectAsides(intent: Intent, moment: Date): Promise<Pick<Executed, 'replaced' | 'conflicts'>> {
      const result: Pick<Executed, 'replaced' | 'conflicts'> = { replaced: null, conflicts: [] };
      for (const { name, expected } of asidesOf(intent)) {
        const snapshot = folder.read(name);
        if (!snapshot) continue;
        if (snapshot.hash === expected) result.replaced = snapshot.bytes;
        else result.conflicts.push(await keepConflict(intent.path, at(name), snapshot.bytes, moment));
      }
      return result;
    },

    /** Drops the second names of replaced and moved files. */
    async dropAsides(intent: Intent): Promise<void> {
      if (!intent.aside) return;
      const names = intent.detached ? [intent.aside, metAt(intent.aside)] : [intent.aside];
      for (const name of names) await rm(at(name), { force: true, recursive: true });
    },
  };
}

export type DiskWrites = ReturnType<typeof createDiskWrites>;
