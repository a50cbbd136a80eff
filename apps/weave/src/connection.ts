import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Environment, readVariable } from '@weave-nn/config';
import { readInstance } from '@weave-nn/service';
import { dataDirectoryOf } from './environment.ts';
import { CommandError, exitCodes } from './errors.ts';

const LONGEST_CALL = 120_000;

/** A running system, as commands talk to it. */
export interface Connection {
  url: string;
  pid: number;
  /**
   * Asks for JSON.
   *
   * @returns undefined when the answer has no body
   * @throws CommandError with the problem's own words
   */
  call<Answer>(path: string, method?: 'GET' | 'POST' | 'DELETE', body?: unknown): Promise<Answer>;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

function keyFor(dataDir: string, environment: Environment): string {
  const key = readVariable(environment, 'WEAVE_API_KEY');
  if (key !== undefined) return key;
  try {
    return readFileSync(join(dataDir, 'api-key'), 'utf8').trim();
  } catch {
    throw new CommandError(exitCodes.usage, `no key: set WEAVE_API_KEY to the one the system was started with`);
  }
}

/** The system that runs on these settings' data directory, undefined when none does. */
export function findRunning(environment: Environment): Connection | undefined {
  const dataDir = dataDirectoryOf(environment);
  const instance = dataDir === undefined ? undefined : readInstance(dataDir);
  if (dataDir === undefined || !instance?.url || !isAlive(instance.pid)) return undefined;
  const { url, pid } = instance;
  const key = keyFor(dataDir, environment);
  return {
    url,
    pid,
    async call<Answer>(path: string, method: 'GET' | 'POST' | 'DELETE' = 'GET', body?: unknown) {
      const answer = await fetch(url + path, {
        method,
        headers: {
          authorization: `Bearer ${key}`,
          'user-agent': 'weave',
          ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        },
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
        signal: AbortSignal.timeout(LONGEST_CALL),
      });
      const text = await answer.text();
      const result = (text === '' ? undefined : JSON.parse(text)) as Answer & { detail?: string };
      if (!answer.ok) throw new CommandError(exitCodes.failed, result?.detail ?? `${path} answered ${answer.status}`);
      return result;
    },
  };
}

/** @throws CommandError when nothing runs */
export function requireRunning(environment: Environment): Connection {
  const connection = findRunning(environment);
  if (connection) return connection;
  throw new CommandError(
    exitCodes.notRunning,
    `nothing runs on ${dataDirectoryOf(environment) ?? 'that vault'}; start it with: weave start --vault ${environment.VAULT_PATH}`,
  );
}
