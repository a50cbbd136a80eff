import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** Nothing of this machine's own configuration counts. */
export const isolated: Readonly<Record<string, string>> = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
};

/** Git in a folder, which does not keep the rest of the drill waiting. */
export function gitIn(folder: string) {
  const identity = ['-c', 'user.name=Elsewhere', '-c', 'user.email=elsewhere@example.org', '-c', 'gc.auto=0'];
  return async (...args: string[]): Promise<string> => {
    const { stdout } = await run('git', [...identity, ...args], {
      cwd: folder,
      env: { ...process.env, ...isolated },
      maxBuffer: 1 << 28,
    });
    return stdout;
  };
}

export type Git = ReturnType<typeof gitIn>;
