import type { Environment } from '@weave-nn/config';
import { dataDirectoryOf } from './environment.ts';
import { CommandError, exitCodes } from './errors.ts';
import { keyFromDirectory, remoteKey } from './keys.ts';
import { describeProblem, isInputProblem, type OptionNames, type Problem } from './problems.ts';
import { readRunning } from './running.ts';

const MAX_CALL_MS = 120_000;

interface CallOptions {
  method?: 'GET' | 'POST' | 'DELETE';
  body?: unknown;
  /** The option or argument that each field of the request came from. */
  names?: OptionNames;
}

/** A running system, as commands talk to it. */
export interface Connection {
  url: string;
  /** Its process; undefined when it is on another machine. */
  pid: number | undefined;
  /**
   * Asks for JSON.
   *
   * @returns undefined when the answer has no body
   * @throws CommandError with the problem's own words
   */
  call<Answer>(path: string, options?: CallOptions): Promise<Answer>;
}

function connect(url: string, pid: number | undefined, key: string): Connection {
  return {
    url,
    pid,
    async call<Answer>(path: string, { method = 'GET', body, names = {} }: CallOptions = {}) {
      const answer = await send(url, path, key, method, body);
      const text = await answer.text();
      const result = parse(text);
      if (answer.ok && (text === '' || result !== undefined)) return result as Answer;
      if (answer.ok) throw new CommandError(exitCodes.failed, `${url} did not answer in JSON; is it Weave-NN?`);
      const problem = (result ?? {}) as Problem;
      const exitCode = isInputProblem(answer.status) ? exitCodes.usage : exitCodes.failed;
      throw new CommandError(exitCode, describeProblem(problem, names) ?? `${url}${path} answered ${answer.status}`);
    },
  };
}

async function send(url: string, path: string, key: string, method: string, body: unknown): Promise<Response> {
  const headers = { authorization: `Bearer ${key}`, 'user-agent': 'weave' };
  try {
    return await fetch(url + path, {
      method,
      headers: body === undefined ? headers : { ...headers, 'content-type': 'application/json' },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      // A redirect would show the key to another server.
      redirect: 'error',
      signal: AbortSignal.timeout(MAX_CALL_MS),
    });
  } catch (error) {
    const { message, cause } = error as Error;
    const reason = cause instanceof Error ? cause.message || message : message;
    throw new CommandError(exitCodes.failed, `${url} does not answer (${reason}); start it, or correct --url`);
  }
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function readUrl(text: string): string {
  const url = URL.parse(text);
  if (url && (url.protocol === 'http:' || url.protocol === 'https:')) return url.href.replace(/\/+$/, '');
  throw new CommandError(
    exitCodes.usage,
    `--url, WEAVE_URL: expected a URL such as https://notes.example, found "${text}"`,
  );
}

/** The system that these settings name or that runs on their data directory; undefined when none does. */
export function findRunning(environment: Environment): Connection | undefined {
  if (environment.WEAVE_URL) return connect(readUrl(environment.WEAVE_URL), undefined, remoteKey(environment));
  const dataDir = dataDirectoryOf(environment);
  const running = dataDir === undefined ? undefined : readRunning(dataDir);
  if (dataDir === undefined || !running) return undefined;
  return connect(running.url, running.pid, keyFromDirectory(dataDir, environment));
}

/** @throws CommandError when nothing runs */
export function requireRunning(environment: Environment): Connection {
  const connection = findRunning(environment);
  if (connection) return connection;
  throw new CommandError(
    exitCodes.failed,
    `nothing runs on ${dataDirectoryOf(environment) ?? 'that vault'}; start it with: weave start --vault ${environment.VAULT_PATH}, or name one that runs elsewhere with --url`,
  );
}
