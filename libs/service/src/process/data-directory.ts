import { randomBytes } from 'node:crypto';
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { makePrivateDatabase, makePrivateFolder, writePrivateFile } from '@weave-nn/config';
import { StartError } from '../errors.ts';
import { type Instance, readInstance } from './instance.ts';

/** A data directory that this process alone writes to. */
export interface DataDirectory {
  path: string;
  /** The secret kept under a name, made at its first use, readable by the owner only; new if this process made it. */
  secret(name: string): { value: string; isNew: boolean };
  announce(instance: Instance): void;
  release(): void;
}

/**
 * Takes a data directory for this process. The lock is the operating system's on an open file, so that it is gone
 * with the process, however that ends.
 *
 * @throws StartError `data-directory-in-use` with the other process's pid, or `data-directory-unusable`
 */
export function openDataDirectory(path: string): DataDirectory {
  let lock: DatabaseSync;
  try {
    makePrivateFolder(path);
    makePrivateDatabase(join(path, 'lock.db'));
    lock = new DatabaseSync(join(path, 'lock.db'), { timeout: 0 });
  } catch (error) {
    throw new StartError(
      'data-directory-unusable',
      `the data directory ${path} cannot be used: ${(error as Error).message}`,
    );
  }
  try {
    lock.exec('PRAGMA locking_mode = EXCLUSIVE; BEGIN EXCLUSIVE');
  } catch (error) {
    lock.close();
    const { errcode } = error as { errcode?: number };
    const SQLITE_BUSY = 5;
    if (errcode !== SQLITE_BUSY) {
      throw new StartError(
        'data-directory-unusable',
        `the data directory ${path} cannot be used: ${(error as Error).message}`,
      );
    }
    const pid = readInstance(path)?.pid ?? 'unknown';
    throw new StartError(
      'data-directory-in-use',
      `the data directory ${path} is in use by process ${pid}; stop that process, or give this one another directory with --data`,
    );
  }

  const made = new Set<string>();
  return {
    path,
    secret(name) {
      const file = join(path, name);
      try {
        return { value: readFileSync(file, 'utf8').trim(), isNew: made.has(name) };
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      }
      const value = randomBytes(32).toString('base64url');
      writePrivateFile(file, `${value}\n`);
      made.add(name);
      return { value, isNew: true };
    },
    announce(instance) {
      writePrivateFile(join(path, 'instance.json'), JSON.stringify(instance));
    },
    release() {
      rmSync(join(path, 'instance.json'), { force: true });
      lock.close();
    },
  };
}
