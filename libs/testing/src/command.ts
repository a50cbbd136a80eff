import { type ChildProcess, spawn } from 'node:child_process';
import { type Api, createApi } from './api.ts';
import { testKey } from './system.ts';
import { until } from './until.ts';

export interface CommandResult {
  exitCode: number | null;
  stdout: string;
  stderr: string;
}

/** Runs a TypeScript file with this Node to its end. */
export function runCommand(file: string, args: readonly string[], environment: Record<string, string> = {}) {
  const child = spawn(process.execPath, [file, ...args], { env: cleanEnvironment(environment) });
  return finished(child);
}

function cleanEnvironment(environment: Record<string, string>): NodeJS.ProcessEnv {
  const { PATH = '', HOME = '' } = process.env;
  return { PATH, HOME, ...environment };
}

function finished(child: ChildProcess): Promise<CommandResult> {
  let stdout = '';
  let stderr = '';
  child.stdout?.on('data', (chunk) => {
    stdout += chunk;
  });
  child.stderr?.on('data', (chunk) => {
    stderr += chunk;
  });
  return new Promise((resolve) => child.on('close', (exitCode) => resolve({ exitCode, stdout, stderr })));
}

/** A system in a process of its own, that can be killed. */
export interface SpawnedSystem extends Api {
  pid: number;
  /** What it printed so far. */
  output(): string;
  kill(signal: NodeJS.Signals): Promise<CommandResult>;
}

/** Starts a system as a process and waits until it is ready. */
export async function spawnSystem(options: {
  file: string;
  vault: string;
  data: string;
  environment?: Record<string, string>;
}): Promise<SpawnedSystem> {
  const args = [options.file, 'start', '--vault', options.vault, '--data', options.data, '--port', '0'];
  const environment = { WEAVE_API_KEY: testKey, LOG_LEVEL: 'warn', ...options.environment };
  const child = spawn(process.execPath, args, { env: cleanEnvironment(environment) });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
    });
  }
  const ended = finished(child);
  const url = await until('it prints its URL', () => {
    if (child.exitCode !== null) throw new Error(output);
    return /URL\s+(http:\S+)/.exec(output)?.[1];
  });
  const api = createApi(url, testKey);
  await until('ready', async () => (await api.call('/ready')).status === 200);
  return {
    ...api,
    pid: child.pid ?? 0,
    output: () => output,
    kill(signal) {
      child.kill(signal);
      return ended;
    },
  };
}
