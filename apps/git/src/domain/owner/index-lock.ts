import {
  chmodSync,
  closeSync,
  linkSync,
  lstatSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { pause, type Runtime } from '@weave-nn/config';
import { GitError } from '../../errors.ts';

const MAX_ATTEMPTS = 6;
const INITIAL_WAIT_MS = 15;
/** A lock that is older is not the moment of somebody who looks at the status. */
const HELD_AFTER_MS = 2_000;
const WITHOUT_LINKS: ReadonlySet<string> = new Set(['EPERM', 'ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK']);

/** The lock of the user's index while this process has it. */
export interface HeldLock {
  /** Puts an index into the lock; it becomes the user's when the lock is installed. */
  write(index: Buffer): void;
  /** Makes what was written the user's index and ends the lock; where nothing was, only ends it. */
  install(): void;
  /** Ends the lock and leaves the index as it is. */
  release(): void;
}

const codeOf = (error: unknown) => (error as NodeJS.ErrnoException).code ?? '';

/** Whether both are names of one file that is there. */
function isSameFile(one: string, other: string): boolean {
  const [first, second] = [one, other].map((path) => lstatSync(path, { bigint: true, throwIfNoEntry: false }));
  return first !== undefined && second !== undefined && first.ino === second.ino && first.dev === second.dev;
}

/**
 * Takes the lock by which git programs keep each other from writing an index, `index.lock`
 * (https://git-scm.com/docs/api-lockfile). While it is held no other program can commit what the index has. Ours is a
 * second name of a file of our own, so that one which a process left when it ended is known to be ours.
 *
 * @param gitDirectory where the index is
 */
export function createIndexLock(gitDirectory: () => Promise<string>, runtime: Runtime) {
  async function places() {
    const folder = await gitDirectory();
    return { index: join(folder, 'index'), lock: join(folder, 'index.lock'), own: join(folder, 'weave-index') };
  }

  type Places = Awaited<ReturnType<typeof places>>;

  function locked({ lock }: Places): GitError {
    return new GitError(
      'repository-locked',
      `another git program is at work in the repository, or died there, and holds ${lock}; if none runs, remove that file`,
    );
  }

  const isOthers = ({ lock, own }: Places) =>
    lstatSync(lock, { throwIfNoEntry: false }) !== undefined && !isSameFile(own, lock);

  /** @returns false while another program has it */
  function tryLock({ index, lock, own }: Places): boolean {
    if (isSameFile(own, lock)) return true;
    try {
      // Removed first: after a crash it may be another name of the user's index.
      rmSync(own, { force: true });
      writeFileSync(own, '');
      const mode = statSync(index, { throwIfNoEntry: false })?.mode;
      if (mode !== undefined) chmodSync(own, mode & 0o777);
      linkSync(own, lock);
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      if (!WITHOUT_LINKS.has(codeOf(error))) throw unwritable(error);
    }
    return tryLockWithoutLink(lock);
  }

  function tryLockWithoutLink(lock: string): boolean {
    try {
      closeSync(openSync(lock, 'wx'));
      return true;
    } catch (error) {
      if (codeOf(error) === 'EEXIST') return false;
      throw unwritable(error);
    }
  }

  function unwritable(error: unknown): GitError {
    return new GitError('repository-unwritable', `the repository cannot be written (${(error as Error).message})`, {
      cause: error,
    });
  }

  /** Whoever looks at the status holds the lock for a moment, which is waited for. */
  async function whileLocked(attempt: () => boolean, at: Places): Promise<void> {
    for (let tries = 1; !attempt(); tries++) {
      if (tries === MAX_ATTEMPTS) throw locked(at);
      await pause(runtime, INITIAL_WAIT_MS * tries);
    }
  }

  function hold({ index, lock, own }: Places): HeldLock {
    let isWritten = false;
    const isLinked = isSameFile(own, lock);
    const isStillOurs = () => !isLinked || isSameFile(own, lock);
    function release() {
      if (isStillOurs()) rmSync(lock, { force: true });
      rmSync(own, { force: true });
    }
    return {
      write(content) {
        try {
          writeFileSync(lock, content, { flush: true });
        } catch (error) {
          throw unwritable(error);
        }
        isWritten = true;
      },
      install() {
        if (isWritten && isStillOurs()) renameSync(lock, index);
        release();
      },
      release,
    };
  }

  return {
    /** @throws GitError `repository-locked` while another program has the lock, `repository-unwritable` */
    async take(): Promise<HeldLock> {
      const at = await places();
      await whileLocked(() => tryLock(at), at);
      return hold(at);
    },

    /** @throws GitError `repository-locked` while another program has the lock */
    async assertFree(): Promise<void> {
      const at = await places();
      await whileLocked(() => !isOthers(at), at);
    },

    /** @throws GitError `repository-locked` where another program has had the lock for longer than a moment */
    async assertNotHeld(): Promise<void> {
      const at = await places();
      const held = lstatSync(at.lock, { throwIfNoEntry: false });
      if (held && isOthers(at) && runtime.now() - held.mtimeMs > HELD_AFTER_MS) throw locked(at);
    },

    /** Ends a lock of ours that a process left when it ended. */
    async discard(): Promise<void> {
      const { lock, own } = await places();
      if (isSameFile(own, lock)) rmSync(lock, { force: true });
      rmSync(own, { force: true });
    },
  };
}

export type IndexLock = ReturnType<typeof createIndexLock>;
