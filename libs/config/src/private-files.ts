import { chmodSync, closeSync, mkdirSync, openSync, statSync, writeFileSync } from 'node:fs';

const FILE_MODE = 0o600;
const FOLDER_MODE = 0o700;

/** Makes a folder, and those above it, that only this user can look into; one that is there stays as it is. */
export function makePrivateFolder(folder: string): void {
  // The mode given to mkdir is narrowed by the umask, never widened; a umask may take the owner's own rights.
  if (mkdirSync(folder, { recursive: true, mode: FOLDER_MODE }) !== undefined) chmodSync(folder, FOLDER_MODE);
}

/** Takes a file of this user from everybody else; one that is missing or another user's is left alone. */
export function restrictToOwner(file: string): void {
  const found = statSync(file, { throwIfNoEntry: false });
  if (!found || (found.mode & 0o777) === FILE_MODE || found.uid !== process.getuid?.()) return;
  chmodSync(file, FILE_MODE);
}

/** Writes a file that only this user can read. */
export function writePrivateFile(file: string, content: string | Uint8Array): void {
  writeFileSync(file, content, { mode: FILE_MODE });
  restrictToOwner(file);
}

/**
 * Makes a database file that only this user can read, before SQLite would make it for more: SQLite gives the log and
 * the index beside it the mode of the file. What is there already from before is restricted as well.
 */
export function makePrivateDatabase(file: string): void {
  try {
    closeSync(openSync(file, 'wx', FILE_MODE));
  } catch (error) {
    // One that is there is not opened: closing it would end the locks that this process has on it (fcntl, POSIX.1).
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
  for (const suffix of ['', '-wal', '-shm', '-journal']) restrictToOwner(file + suffix);
}
