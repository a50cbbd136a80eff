import { execFileSync } from 'node:child_process';
import { type Api, until } from '@weave-nn/testing';
import type { Tally } from './tally.ts';

const MAX_COMMITTING_MS = 60_000;
const SHOWN = 5;

const isolated = { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_NOSYSTEM: '1' };

/** Settings with which a commit is made every few moments, so that many are under way when the process is killed. */
export const historySettings: Readonly<Record<string, string>> = {
  ...isolated,
  GIT_COMMIT_QUIET_MS: '40',
  GIT_COMMIT_MAX_WAIT_MS: '300',
};

function git(vault: string, ...args: string[]): string {
  const env = { ...process.env, ...isolated };
  return execFileSync('git', args, {
    cwd: vault,
    env,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const linesOf = (text: string) => text.split('\n').filter((line) => line !== '');

/** Makes the vault a repository, in which what is hidden is nobody's. */
export function beginHistory(vault: string): void {
  git(vault, 'init', '--quiet', '--initial-branch=main');
}

/** What of the vault is not as the newest commit has it; hidden files are not committed. */
function uncommitted(vault: string): string[] {
  return linesOf(git(vault, 'status', '--porcelain', '--untracked-files=all')).filter(
    (line) => !/^...\.|\/\./.test(line),
  );
}

/** Everything must be committed soon, each event once, no commit empty, and the repository sound. */
export async function checkHistory(api: Api, vault: string, tally: Tally): Promise<void> {
  let left: string[] = [];
  try {
    await until(
      'all is committed',
      async () => {
        left = uncommitted(vault);
        return left.length === 0 && (await api.call('/v1/git/status')).json.pending.changes === 0;
      },
      MAX_COMMITTING_MS,
    );
  } catch {
    const { problem, pending } = (await api.call('/v1/git/status')).json;
    const said = `${pending.changes} pending, ${JSON.stringify(problem)}`;
    tally.disagreements.push(`not committed: ${left.slice(0, SHOWN).join('; ') || 'nothing'} (${said})`);
  }
  const events = linesOf(git(vault, 'log', '--format=%(trailers:key=Weave-Event,valueonly)'));
  const twice = events.length - new Set(events).size;
  if (twice > 0) tally.odd.push(`${twice} events are in two commits`);
  const commits = linesOf(git(vault, 'log', '--format=%T'));
  const empty = commits.filter((tree, index) => tree === commits[index + 1]).length;
  if (empty > 0) tally.odd.push(`${empty} commits are empty`);
  const unsound = linesOf(git(vault, 'fsck', '--no-dangling', '--no-progress'));
  if (unsound.length > 0) tally.odd.push(`git fsck: ${unsound.slice(0, SHOWN).join('; ')}`);
}

/** How many commits there are. */
export const countCommits = (vault: string): number => Number(git(vault, 'rev-list', '--count', 'HEAD'));
