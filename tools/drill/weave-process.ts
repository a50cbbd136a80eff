import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { hasCaughtUp } from '@weave-nn/clients';
import { readInstance } from '@weave-nn/service';
import { type Api, createApi, until } from '@weave-nn/testing';

const main = fileURLToPath(new URL('../../apps/weave/src/main.ts', import.meta.url));
/** The key that the system is started with. */
export const drillKey = 'a-key-for-drills-0123456789abcdef';
/** As everything is started that serves for long. */
const SMALL_YOUNG_HEAP = ['--max-semi-space-size=4'];
const LOG_KEPT = 20_000;
const MAX_START_MS = 120_000;

/** The whole system as a process of its own, spoken to over HTTP. */
export interface WeaveChild extends Api {
  pid: number;
  /** The end of what it wrote to its output. */
  log(): string;
  hasEnded(): boolean;
  /** Resolves once it answers /ready with 200. */
  ready(): Promise<void>;
  /** Resolves once every service has taken every event there is. */
  settled(): Promise<void>;
  kill(): Promise<void>;
  stop(): Promise<void>;
}

export interface WeaveFolders {
  vault: string;
  data: string;
}

function environment(): NodeJS.ProcessEnv {
  return { ...process.env, LOG_LEVEL: 'warn', WEAVE_API_KEY: drillKey };
}

function keepLog(child: ChildProcess): () => string {
  let kept = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      kept = (kept + chunk.toString()).slice(-LOG_KEPT);
    });
  }
  return () => kept;
}

/**
 * Starts the system on a vault and a data directory and resolves as soon as it listens, before it is ready.
 *
 * @param nodeOptions flags for Node itself, such as `--cpu-prof`
 * @param settings beside those of this process
 * @throws Error with its output when it ends instead
 */
export async function startWeave(
  { vault, data }: WeaveFolders,
  nodeOptions: string[] = SMALL_YOUNG_HEAP,
  settings: Readonly<Record<string, string>> = {},
): Promise<WeaveChild> {
  const args = [...nodeOptions, main, 'start', '--vault', vault, '--data', data, '--port', '0'];
  const child = spawn(process.execPath, args, {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...environment(), ...settings },
  });
  const log = keepLog(child);
  const hasEnded = () => child.exitCode !== null || child.signalCode !== null;
  const url = await until(
    'the process listens',
    () => {
      if (hasEnded()) return 'ended';
      const instance = readInstance(data);
      return instance?.pid === child.pid ? instance?.url : null;
    },
    MAX_START_MS,
  );
  if (url === 'ended') throw new Error(`the process ended at once:\n${log()}`);
  const api = createApi(url, drillKey);

  async function end(signal: 'SIGKILL' | 'SIGTERM') {
    if (hasEnded()) return;
    const ended = once(child, 'exit');
    child.kill(signal);
    await ended;
  }

  return {
    ...api,
    pid: child.pid ?? 0,
    log,
    hasEnded,
    async ready() {
      await until('it is ready', async () => (await api.call('/ready')).status === 200, MAX_START_MS);
    },
    async settled() {
      await until(
        'every service has caught up',
        async () => {
          if (!hasCaughtUp((await api.call('/v1/system')).json)) return false;
          return (await api.call('/v1/git/status')).json.pending.waiting === 0;
        },
        MAX_START_MS,
      );
    },
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  };
}

/** Runs a command of the `weave` command line to its end. */
export async function runWeave(
  command: string,
  { vault, data }: WeaveFolders,
): Promise<{ code: number; output: string }> {
  const args = [main, command, '--vault', vault, '--data', data, '--json'];
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'], env: environment() });
  let output = '';
  child.stdout.on('data', (chunk: Buffer) => {
    output += chunk.toString();
  });
  const [code] = await once(child, 'close');
  return { code: code ?? 1, output };
}
