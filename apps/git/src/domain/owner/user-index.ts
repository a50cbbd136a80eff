import { copyFileSync, readFileSync, rmSync, statSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { changesBetween, type IndexChange, indexInfo } from '../commit/private-index.ts';
import { fieldsOf } from '../program/git.ts';
import type { Repository } from '../repository.ts';
import type { HeldLock, IndexLock } from './index-lock.ts';

/** The commit that the user's index is brought along with. */
interface Step {
  /** The commit before, null for none. */
  parent: string | null;
  sha: string;
  /** What the commit changes, where that is known. */
  changes?: readonly IndexChange[] | undefined;
}

/** How the owner has told git not to look at a file. */
interface Flags {
  skipWorktree: boolean;
  assumeUnchanged: boolean;
}

/** What the index is to be after a step, and of which index that was made. */
interface Draft {
  step: Step;
  stamp: string;
  content: Buffer | null;
}

/**
 * The index in which the owner of the vault stages.
 *
 * @param scratch a file in which the next one is put together; nobody else uses it
 */
export function createUserIndex(repository: Repository, lock: IndexLock, scratch: string) {
  const { git } = repository;
  const environment = { GIT_INDEX_FILE: scratch };

  function clear() {
    for (const each of [scratch, `${scratch}.lock`]) rmSync(each, { force: true });
  }

  let flagged: { stamp: string; paths: Map<string, Flags> } | undefined;

  const indexFile = async () => join(await repository.gitDirectory(), 'index');

  /** Changes whenever another program writes the index. */
  async function stampOf(): Promise<string> {
    const stat = statSync(await indexFile(), { bigint: true, throwIfNoEntry: false });
    return stat ? `${stat.dev}:${stat.ino}:${stat.size}:${stat.mtimeNs}` : '';
  }

  /** Reads the tags of `ls-files -v`: `S` for skip-worktree, small letters for assume-unchanged. */
  async function readFlags(): Promise<Map<string, Flags>> {
    const { text } = await git.read({ args: ['ls-files', '-v', '-z'] });
    const paths = new Map<string, Flags>();
    for (const field of fieldsOf(text)) {
      const tag = field.charAt(0);
      const flags = { skipWorktree: tag === 'S' || tag === 's', assumeUnchanged: tag !== tag.toUpperCase() };
      if (flags.skipWorktree || flags.assumeUnchanged) paths.set(field.slice(2), flags);
    }
    return paths;
  }

  /** The files that the owner has told git not to look at, as with `update-index --skip-worktree`. */
  async function unwatched(): Promise<ReadonlyMap<string, Flags>> {
    const stamp = await stampOf();
    if (flagged?.stamp !== stamp) flagged = { stamp, paths: await readFlags() };
    return flagged.paths;
  }

  /** Sets the flags again that are lost when an entry is written. */
  async function flagAgain(paths: readonly string[], before: ReadonlyMap<string, Flags>): Promise<void> {
    for (const [argument, flag] of [
      ['--skip-worktree', 'skipWorktree'],
      ['--assume-unchanged', 'assumeUnchanged'],
    ] as const) {
      const input = paths.filter((path) => before.get(path)?.[flag]).map((path) => `${path}\0`);
      if (input.length === 0) continue;
      await git.write({ args: ['update-index', argument, '-z', '--stdin'], input: input.join(''), environment });
    }
  }

  async function copy(): Promise<void> {
    clear();
    const index = await indexFile();
    const stat = statSync(index, { throwIfNoEntry: false });
    if (!stat) return;
    copyFileSync(index, scratch);
    // Git compares files that are as new as the index by their content; a copy must not look newer than they are.
    const seconds = Math.floor(stat.mtimeMs / 1000);
    utimesSync(scratch, seconds, seconds);
  }

  /** The index as it is after a commit; null where it stays as it is. */
  async function contentAfter({ parent, sha, changes: known }: Step): Promise<Buffer | null> {
    const { emptyTree, nothing } = await repository.objectNames();
    const before = parent ?? emptyTree;
    const changes = known ?? (await changesBetween(git, before, sha));
    if (changes.length === 0) return null;
    const staged = await git.read({
      args: ['diff-index', '--cached', '--name-only', '--no-renames', '-z', before, '--'],
    });
    const otherwise = new Set(fieldsOf(staged.text));
    const following = changes.filter(({ path }) => !otherwise.has(path));
    if (following.length === 0) return null;
    const input = indexInfo(
      following.map(({ path, after }) => ({ path, entry: after })),
      nothing,
    );
    await copy();
    const flags = await unwatched();
    await git.write({ args: ['update-index', '-z', '--index-info'], input, environment });
    await flagAgain(
      following.filter(({ after }) => after).map(({ path }) => path),
      flags,
    );
    const content = readFileSync(scratch);
    clear();
    return content;
  }

  async function draft(step: Step): Promise<Draft> {
    const stamp = await stampOf();
    return { step, stamp, content: await contentAfter(step) };
  }

  return {
    lock,
    unwatched,

    /**
     * Works out the index as it is after a commit: where it still has what the branch had, it gets what the branch has
     * then; what was staged otherwise stays as it is. The lock is not needed for it yet.
     */
    draft,

    /**
     * Puts a draft into the lock, which becomes the index when it is installed. One that was made of an index which
     * another program has written since is made again.
     */
    async put(held: HeldLock, { step, stamp, content }: Draft): Promise<void> {
      const present = stamp === (await stampOf()) ? content : await contentAfter(step);
      if (present) held.write(present);
    },

    /**
     * Brings the index along with a branch that has moved.
     *
     * @throws GitError `repository-locked` while another program writes the index
     */
    async follow(step: Step): Promise<void> {
      const held = await lock.take();
      try {
        const content = await contentAfter(step);
        if (content) held.write(content);
      } catch (error) {
        held.release();
        throw error;
      }
      held.install();
    },
  };
}

export type UserIndex = ReturnType<typeof createUserIndex>;
