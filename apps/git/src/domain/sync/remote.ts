import { GitError, isGitError } from '../../errors.ts';
import type { Head, Repository } from '../repository.ts';

const LONGEST = 300_000;
const NEVER_ASK = '-o BatchMode=yes';

/** The other side of a synchronisation. */
export function createRemote(repository: Repository, name: string) {
  const { git } = repository;

  /** Ssh as it is configured, save that it asks nobody. */
  async function environment(): Promise<Record<string, string>> {
    const [configured] = await repository.configured('core.sshCommand');
    const ssh = process.env.GIT_SSH_COMMAND || configured || 'ssh -o ConnectTimeout=15';
    return { GIT_SSH_COMMAND: `${ssh} ${NEVER_ASK}`, GIT_HTTP_LOW_SPEED_LIMIT: '1', GIT_HTTP_LOW_SPEED_TIME: '30' };
  }

  /** @throws GitError `remote-unknown` */
  async function assertKnown(): Promise<void> {
    const [url] = await repository.configured(`remote.${name}.url`);
    if (url !== undefined) return;
    throw new GitError(
      'remote-unknown',
      `the repository has no remote ${name}; add it with: git remote add ${name} <url>`,
    );
  }

  /** The branch at the remote that a branch of the vault belongs to. */
  async function branchOf({ branch }: Head): Promise<string> {
    const [remote] = await repository.configured(`branch.${branch}.remote`);
    const [merge] = remote === name ? await repository.configured(`branch.${branch}.merge`) : [];
    return merge?.replace('refs/heads/', '') ?? branch;
  }

  return {
    name,

    /**
     * Brings here what the remote has.
     *
     * @returns its newest commit; null when it has no such branch
     */
    async fetch(head: Head, signal: AbortSignal): Promise<string | null> {
      await assertKnown();
      const branch = await branchOf(head);
      const tracking = `refs/remotes/${name}/${branch}`;
      const refspec = `+refs/heads/${branch}:${tracking}`;
      try {
        await git.write({
          args: ['fetch', '--quiet', '--no-tags', '--no-recurse-submodules', name, refspec],
          environment: await environment(),
          timeout: LONGEST,
          signal,
        });
      } catch (error) {
        if (isGitError(error, 'remote-empty')) return null;
        throw error;
      }
      return (await git.read({ args: ['rev-parse', '--verify', `${tracking}^{commit}`] })).text.trim();
    },

    /** Gives a commit to the remote; hooks that guard it are run, as large files are sent by one. */
    async push(head: Head, sha: string, signal: AbortSignal): Promise<void> {
      const branch = await branchOf(head);
      await git.write({
        args: ['push', '--quiet', '--no-recurse-submodules', name, `${sha}:refs/heads/${branch}`],
        environment: await environment(),
        timeout: LONGEST,
        hooks: true,
        signal,
      });
    },
  };
}

export type Remote = ReturnType<typeof createRemote>;
