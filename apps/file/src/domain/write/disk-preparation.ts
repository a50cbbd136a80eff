import { constants } from 'node:fs';
import { access, link, lstat, mkdir, open, rm, rmdir } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { fromSystem } from '../../errors.ts';
import type { VaultFolder } from '../vault-folder.ts';
import type { Intent } from './write-group.ts';

const NEW_FILE_MODE = 0o644;

function codeOf(error: unknown): string {
  return (error as NodeJS.ErrnoException).code ?? '';
}

/** A name beside a path for a second name of its file that is removed at once. */
function probeBeside(path: string, aside: string): string {
  return join(dirname(path), `${aside.slice(aside.lastIndexOf('/') + 1)}-probe`);
}

/** The steps before a decision: nothing of the vault has changed yet, and whatever the disk will refuse, it refuses now. */
export function createDiskPreparation(folder: VaultFolder) {
  const at = (path: string) => join(folder.root, path);
  /** Node says that a folder is missing where a read-only disk does not let it be made. */
  async function assertWritable(path: string): Promise<void> {
    let existing = path;
    while (existing !== folder.root && !(await lstat(existing).catch(() => null))) existing = dirname(existing);
    await access(existing, constants.W_OK);
  }

  /** The outermost folder that was made for an intent. */
  const madeFolders = new Map<Intent, string>();

  async function makeFolder(intent: Intent, path: string): Promise<void> {
    const made = await mkdir(dirname(path), { recursive: true }).catch(async (error) => {
      if (codeOf(error) === 'ENOENT') await assertWritable(dirname(path));
      throw error;
    });
    if (made && !madeFolders.has(intent)) madeFolders.set(intent, made);
  }

  async function writeTemporary(intent: Intent, temporary: string, bytes: Uint8Array, mode: number | null) {
    const absolute = at(temporary);
    await makeFolder(intent, absolute);
    await lstat(at(intent.path)).catch((error) => {
      if (codeOf(error) !== 'ENOENT') throw error;
    });
    await using file = await open(absolute, 'wx', mode ?? NEW_FILE_MODE);
    await file.writeFile(bytes);
    if (mode !== null) await file.chmod(mode);
    await file.sync();
  }

  /** Gives the file that is replaced, moved or removed a second name where it leaves and where it goes, for a moment. */
  async function probe(intent: Intent): Promise<void> {
    const { path, from, trash, aside, hashBefore } = intent;
    if (hashBefore === null || aside === null) return;
    const source = at(from ?? path);
    const targets = new Set([source, at(path), ...(trash === null ? [] : [at(trash)])].map((each) => dirname(each)));
    for (const target of targets) {
      const name = probeBeside(join(target, 'any'), aside);
      await makeFolder(intent, name);
      try {
        await link(source, name);
      } catch (error) {
        // It has just gone; that is for the execution to find.
        if (codeOf(error) === 'ENOENT') return;
        throw error;
      }
      await rm(name, { force: true });
    }
  }

  /** Removes, from the innermost outwards, the folders made for an intent that nobody uses. */
  async function removeFolders(intent: Intent): Promise<void> {
    const outermost = madeFolders.get(intent);
    madeFolders.delete(intent);
    if (!outermost) return;
    const innermost = [intent.path, ...(intent.trash === null ? [] : [intent.trash])].map((path) => dirname(at(path)));
    try {
      for (const start of innermost) {
        for (let each = start; each.startsWith(outermost); each = dirname(each)) await rmdir(each);
      }
    } catch (error) {
      if (!['ENOTEMPTY', 'ENOENT', 'ENOTDIR'].includes(codeOf(error))) throw error;
    }
  }

  async function discard(intent: Intent): Promise<void> {
    if (intent.temporary) await rm(at(intent.temporary), { force: true });
    await removeFolders(intent);
  }

  return {
    /**
     * Writes the new content of an intent beside its target and makes it durable, and makes sure that the file it
     * concerns can be taken from its folder and brought to the other.
     *
     * @param bytes the content; null when the intent has none
     * @param mode the permissions of the file that it will replace
     * @throws FileError for what the file system refuses: a full disk, a name, a permission
     */
    async prepare(intent: Intent, bytes: Uint8Array | null, mode: number | null): Promise<void> {
      folder.assertPresent();
      try {
        if (intent.temporary && bytes) await writeTemporary(intent, intent.temporary, bytes, mode);
        await probe(intent);
      } catch (error) {
        await discard(intent);
        throw fromSystem(error, intent.from ?? intent.path, 'write');
      }
    },

    /** Takes back what was prepared. */
    discard,

    /** Forgets what would be taken back, once the intent is decided. */
    keep(intent: Intent): void {
      madeFolders.delete(intent);
    },
  };
}

export type DiskPreparation = ReturnType<typeof createDiskPreparation>;
