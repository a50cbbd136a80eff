import { accessSync, constants, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { Report } from '@weave-nn/events';
import { GitError } from '../../errors.ts';
import type { GitAnswer } from '../program/git.ts';
import type { Repository } from '../repository.ts';
import { shortened } from './output.ts';

const names = ['pre-commit', 'prepare-commit-msg', 'commit-msg', 'post-commit'] as const;
const MESSAGE_FILE = 'WEAVE_EDITMSG';

export type HookName = (typeof names)[number];

/** Numbers that a program can end with, and that it was ended. */
const anyCode = Array.from({ length: 257 }, (_, index) => index - 1);

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The language of the machine, in which people write their hooks; git itself is asked in English. */
function language(): Record<string, string> {
  const { LC_ALL, LANG } = process.env;
  return { LC_ALL: LC_ALL || LANG || 'C.UTF-8', LANGUAGE: '' };
}

/**
 * The hooks that the repository has for commits, run as git commit runs them (https://git-scm.com/docs/githooks).
 *
 * @param options.isEnabled whether they are run at all
 * @param options.timeout milliseconds after which a hook is ended
 */
export function createHooks(options: { repository: Repository; isEnabled: boolean; timeout: number; report: Report }) {
  const { repository, timeout, report } = options;
  const { git, folder } = repository;

  /** The names of the hooks that there are, whether they are run or not. */
  async function found(): Promise<HookName[]> {
    const { text } = await git.read({ args: ['rev-parse', '--git-path', 'hooks'], hooks: true });
    const place = resolve(folder, text.replace(/\n$/, ''));
    return names.filter((name) => isExecutable(join(place, name)));
  }

  async function run(name: HookName, args: readonly string[], environment: Readonly<Record<string, string>>) {
    return git.write({
      args: ['hook', 'run', '--ignore-missing', name, '--', ...args],
      environment: { ...language(), ...environment },
      answers: anyCode,
      timeout,
      hooks: true,
      unliteral: true,
      endsAtExit: true,
    });
  }

  function refusal(name: HookName, { code, errors }: Pick<GitAnswer, 'code' | 'errors'>): GitError {
    const said = shortened(errors);
    return new GitError(
      'hook-failed',
      `the hook ${name} refuses the commit with exit code ${code}${said === '' ? '' : `: ${said}`}`,
    );
  }

  /** @throws GitError `hook-failed` */
  async function pass(name: HookName, args: readonly string[], environment: Readonly<Record<string, string>>) {
    const answer = await run(name, args, environment).catch((error) => {
      if ((error as GitError).code !== 'git-timeout') throw error;
      throw new GitError(
        'hook-failed',
        `the hook ${name} took longer than ${timeout / 1000} s and was ended; see GIT_COMMIT_HOOK_TIMEOUT`,
        { cause: error },
      );
    });
    if (answer.code !== 0) throw refusal(name, answer);
  }

  return {
    found,

    /** The hooks to run for a commit; none where they are switched off. */
    toRun: async (): Promise<HookName[]> => (options.isEnabled ? found() : []),

    /**
     * Runs the hook that looks at what is to be committed, and may change it.
     *
     * @param environment names the index that is committed
     * @throws GitError `hook-failed` when it refuses, or takes too long
     */
    preCommit: (environment: Readonly<Record<string, string>>) => pass('pre-commit', [], environment),

    /**
     * Gives a message to the hooks that complete and check it; answers what they made of it.
     *
     * @throws GitError `hook-failed` when one refuses, takes too long, or leaves no message
     */
    async message(
      present: readonly HookName[],
      text: string,
      environment: Readonly<Record<string, string>>,
    ): Promise<string> {
      // Not git's own file, in which the owner may be writing.
      const file = join(await repository.gitDirectory(), MESSAGE_FILE);
      writeFileSync(file, text);
      try {
        if (present.includes('prepare-commit-msg')) await pass('prepare-commit-msg', [file, 'message'], environment);
        if (present.includes('commit-msg')) await pass('commit-msg', [file], environment);
        const message = readFileSync(file, 'utf8').trim();
        if (message === '') throw refusal('commit-msg', { code: 0, errors: 'it leaves no message' });
        return `${message}\n`;
      } finally {
        rmSync(file, { force: true });
      }
    },

    /** Tells the hook that hears of commits; how it ends changes nothing. */
    async postCommit(): Promise<void> {
      const said = await run('post-commit', [], {}).then(
        ({ code, errors }) => (code === 0 ? null : `exit code ${code}: ${shortened(errors)}`),
        (error: Error) => error.message,
      );
      if (said !== null) report('the hook post-commit failed after a commit', said);
    },
  };
}

export type Hooks = ReturnType<typeof createHooks>;
