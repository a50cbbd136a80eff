import { GitError } from '../../errors.ts';
import { fromGit } from '../program/failure.ts';
import type { GitCall } from '../program/git.ts';
import type { Repository } from '../repository.ts';
import { shortened } from './output.ts';

const TIMEOUT = 30_000;
const FATAL = 128;
/** What git says where the repository is the reason, and not the program that signs. */
const NOT_WRITTEN = /not a valid object|insufficient permission|no space left|unable to (write|create)/i;

/** Whether commits are signed: always, never, or where the repository asks for it. */
export type SigningMode = 'repository' | 'true' | 'false';

/** Makes commits, signed as the repository asks for (`commit.gpgsign`, https://git-scm.com/docs/git-config). */
export function createSigning(repository: Repository, mode: SigningMode) {
  const { git } = repository;

  async function isWanted(): Promise<boolean> {
    const { text } = await git.read({
      args: ['config', '--type=bool', '--get', 'commit.gpgsign'],
      answers: [1],
    });
    return text.trim() === 'true';
  }

  const isSigned = async () => (mode === 'repository' ? isWanted() : mode === 'true');

  /** Names whose key it is where no key is configured: by itself git would look for one of who writes commits here. */
  async function signArgument(): Promise<string> {
    const [[key], [format]] = await Promise.all([
      repository.configured('user.signingkey'),
      repository.configured('gpg.format'),
    ]);
    const owner = key === undefined && format !== 'ssh' ? await repository.owner() : null;
    return owner ? `-S${owner.name} <${owner.email}>` : '-S';
  }

  return {
    isWanted,
    isSigned,

    /**
     * Makes a commit; takes the arguments of `git commit-tree`, and answers its name.
     *
     * @throws GitError `signing-failed` when it cannot be signed
     */
    async commitTree(call: Pick<GitCall, 'input' | 'environment'> & { args: readonly string[] }): Promise<string> {
      const signature = (await isSigned()) ? [await signArgument()] : [];
      const { code, text, errors } = await git
        .write({
          ...call,
          args: ['commit-tree', ...signature, ...call.args],
          answers: [1, FATAL],
          ...(signature.length > 0 ? { timeout: TIMEOUT } : {}),
        })
        .catch((error) => {
          if (signature.length === 0 || (error as GitError).code !== 'git-timeout') throw error;
          throw new GitError('signing-failed', `the commit could not be signed within ${TIMEOUT / 1000} s`, {
            cause: error,
          });
        });
      if (code === 0) return text.trim();
      if (signature.length === 0 || NOT_WRITTEN.test(errors)) throw fromGit('commit-tree', code, errors);
      throw new GitError(
        'signing-failed',
        `the commit could not be signed (${shortened(errors)}); unlock the key, or set GIT_COMMIT_SIGN=false`,
      );
    },
  };
}

export type Signing = ReturnType<typeof createSigning>;
