import { existsSync, lstatSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { GitError } from '../errors.ts';
import { excludeFiles, TEMPORARY_FILES } from './owner/exclude.ts';
import { readPlainHead } from './plain-head.ts';
import { fieldsOf, type Git } from './program/git.ts';

/** The commit that a branch is at, and what it holds. */
export interface Head {
  /** As in `refs/heads/main`. */
  ref: string;
  branch: string;
  /** Null while the branch has no commit yet. */
  sha: string | null;
  tree: string;
}

/** What in the repository's folder says that somebody is in the middle of something. */
const underWay: readonly [name: string, what: string][] = [
  ['rebase-merge', 'a rebase'],
  ['rebase-apply', 'a rebase'],
  ['MERGE_HEAD', 'a merge'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick'],
  ['REVERT_HEAD', 'a revert'],
  ['BISECT_LOG', 'a bisect'],
];
const OLDEST_GIT: readonly [number, number] = [2, 38];
const TRASH = '.trash/';
const BRANCH = 'refs/heads/';

/** Names that every repository has, by the way in which it names objects. */
const names: Readonly<Record<string, ObjectNames>> = {
  sha1: { emptyTree: '4b825dc642cb6eb9a060e54bf8d69288fbee4904', nothing: '0'.repeat(40) },
  sha256: {
    emptyTree: '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321',
    nothing: '0'.repeat(64),
  },
};

export interface ObjectNames {
  emptyTree: string;
  /** What stands for no object. */
  nothing: string;
}

/**
 * The vault's repository, as git sees it at the moment of each question.
 *
 * @param folder the vault, as a real path
 */
export function createRepository(git: Git, folder: string) {
  let known: { stamp: string; gitDir: string; names: ObjectNames } | undefined;
  let version: string | undefined;

  async function readVersion(): Promise<string> {
    if (version !== undefined) return version;
    const { text } = await git.read({ args: ['version'] });
    const found = /(\d+)\.(\d+)\S*/.exec(text);
    const [major, minor] = [Number(found?.[1]), Number(found?.[2])];
    if (major < OLDEST_GIT[0] || (major === OLDEST_GIT[0] && minor < OLDEST_GIT[1])) {
      throw new GitError('git-too-old', `git is ${text.trim()}; ${OLDEST_GIT.join('.')} or newer is needed`);
    }
    version = found?.[0] ?? text.trim();
    return version;
  }

  /** @throws GitError `repository-missing`, or `repository-larger` when the vault is a part of one */
  async function missing(): Promise<never> {
    const above = await git
      .read({ args: ['rev-parse', '--show-toplevel'], environment: { GIT_CEILING_DIRECTORIES: '' } })
      .catch(() => undefined);
    if (above) {
      throw new GitError(
        'repository-larger',
        `the vault is a part of the repository ${above.text.trim()}; only a vault that is a repository itself is committed`,
      );
    }
    throw new GitError(
      'repository-missing',
      'the vault is not a git repository; run git init in it, or start with GIT_AUTO_INIT=true',
    );
  }

  /** Where git keeps the repository; asked again when the vault's `.git` has become another. */
  async function gitDirectory(): Promise<string> {
    const stat = lstatSync(join(folder, '.git'), { bigint: true, throwIfNoEntry: false });
    const stamp = stat ? `${stat.dev}:${stat.ino}` : '';
    if (known && known.stamp === stamp) return known.gitDir;
    await readVersion();
    if (!stat) return missing();
    const { text } = await git.read({
      args: ['rev-parse', '--absolute-git-dir', '--is-inside-work-tree', '--show-object-format'],
    });
    const [gitDir = '', inside, format = ''] = text.split('\n');
    if (inside !== 'true') throw new GitError('repository-bare', 'the vault is a bare repository, which has no files');
    known = { stamp, gitDir, names: names[format] ?? (names.sha1 as ObjectNames) };
    return gitDir;
  }

  async function objectNames(): Promise<ObjectNames> {
    await gitDirectory();
    return known?.names ?? (names.sha1 as ObjectNames);
  }

  async function assertNothingUnderWay(): Promise<void> {
    const gitDir = await gitDirectory();
    const found = underWay.find(([name]) => existsSync(join(gitDir, name)));
    if (!found) return;
    throw new GitError('repository-busy', `${found[1]} is under way in the repository; finish or abort it first`);
  }

  /**
   * What is checked out, asked of git at once; undefined where it is not as usual: no commit yet, no branch, or a branch
   * or tag that is called like another.
   */
  async function usualHead(): Promise<Head | undefined> {
    const args = ['rev-parse', '-q', 'HEAD^{commit}', '--symbolic-full-name', 'HEAD'];
    const [sha = '', ref = ''] = (await git.read({ args, answers: [128] })).text.split('\n');
    if (!ref.startsWith(BRANCH)) return undefined;
    return { ref, branch: ref.slice(BRANCH.length), sha, tree: `${sha}^{tree}` };
  }

  /** @throws GitError `head-detached` */
  async function readHead(): Promise<Head> {
    await gitDirectory();
    const usual = await usualHead();
    if (usual) return usual;
    const { text, code } = await git.read({ args: ['symbolic-ref', '-q', 'HEAD'], answers: [1] });
    const ref = text.trim();
    if (code === 1 || !ref.startsWith(BRANCH)) {
      throw new GitError('head-detached', 'no branch is checked out (HEAD is detached); check one out to go on');
    }
    const commit = await git.read({ args: ['rev-parse', '--verify', '-q', `${ref}^{commit}`], answers: [1] });
    const sha = commit.text.trim() || null;
    if (sha === null) await assertUnborn(ref);
    return {
      ref,
      branch: ref.slice(BRANCH.length),
      sha,
      tree: sha === null ? (await objectNames()).emptyTree : `${sha}^{tree}`,
    };
  }

  /** A branch that names a commit which is not there is no new branch. */
  async function assertUnborn(ref: string): Promise<void> {
    const { text } = await git.read({ args: ['rev-parse', '--verify', '-q', ref], answers: [1] });
    const file = statSync(join(await gitDirectory(), ref), { throwIfNoEntry: false });
    if (text.trim() === '' && !file) return;
    throw new GitError(
      'repository-damaged',
      `the repository is damaged: ${ref} names no commit that is there; see git fsck`,
    );
  }

  let excludedFor: string | undefined;

  /** Has git take what we write beside notes for no new files; once for each repository that the vault is. */
  async function excludeOwnFiles(): Promise<void> {
    const gitDir = await gitDirectory();
    if (excludedFor === gitDir) return;
    await excludeFiles(git, folder, [TEMPORARY_FILES]);
    excludedFor = gitDir;
  }

  return {
    folder,
    git,
    version: readVersion,
    gitDirectory,
    objectNames,
    assertNothingUnderWay,
    excludeOwnFiles,
    head: readHead,

    /**
     * Makes sure that a branch is checked out, before somebody waits for a commit on it.
     *
     * @throws GitError as `head` does; that a branch names a commit which is not there is left to who commits
     */
    async assertBranch(): Promise<void> {
      if (readPlainHead(await gitDirectory()) === undefined) await readHead();
    },

    /**
     * A commit's full name.
     *
     * @throws GitError `revision-not-found`, `repository-empty` where there is no commit at all
     */
    async resolve(revision: string): Promise<string> {
      const directory = await gitDirectory();
      const plain = revision === 'HEAD' ? readPlainHead(directory) : undefined;
      if (plain !== undefined) return plain;
      const answer = await git.read({
        args: ['rev-parse', '--verify', '-q', '--end-of-options', `${revision}^{commit}`],
        answers: [1, 128],
      });
      const sha = answer.text.trim();
      if (answer.code === 0 && sha !== '') return sha;
      if (revision === 'HEAD' && (await readHead()).sha === null) {
        throw new GitError('repository-empty', 'the repository has no commit yet');
      }
      throw new GitError('revision-not-found', `the repository has no commit ${revision}`);
    },

    /** Whether these are full names of such objects. */
    async has(kind: 'commit' | 'tree', names: readonly string[]): Promise<boolean> {
      const answers = await Promise.all(
        names.map((name) =>
          git.read({
            args: ['rev-parse', '--verify', '-q', '--end-of-options', `${name}^{${kind}}`],
            answers: [1, 128],
          }),
        ),
      );
      return answers.every(({ code }) => code === 0);
    },

    async isShallow(): Promise<boolean> {
      return existsSync(join(await gitDirectory(), 'shallow'));
    },

    /** Whose repository it is, as git is configured; null when it is not said. */
    async owner(): Promise<{ name: string; email: string } | null> {
      const { text, code } = await git.read({
        args: ['-c', 'user.useConfigOnly=true', 'var', 'GIT_AUTHOR_IDENT'],
        answers: [1, 128],
      });
      const found = /^(.*) <([^>]*)> \d+ [+-]\d+$/.exec(text.trim());
      return code === 0 && found?.[1] ? { name: found[1], email: found[2] ?? '' } : null;
    },

    /** Makes the vault a repository, in which the trash and what we write beside notes are not taken for new files. */
    async initialise(): Promise<void> {
      await readVersion();
      await git.write({ args: ['-c', 'init.defaultBranch=main', 'init', '-q'] });
      await gitDirectory();
      await excludeFiles(git, folder, [TRASH, TEMPORARY_FILES]);
    },

    /** The values of a configured name, the last that counts first. */
    async configured(name: string): Promise<string[]> {
      const { text } = await git.read({ args: ['config', '-z', '--get-all', name], answers: [1] });
      return fieldsOf(text).reverse();
    },
  };
}

export type Repository = ReturnType<typeof createRepository>;
