import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { connect } from 'node:net';
import { join } from 'node:path';
import { until } from '@weave-nn/testing';

const MAX_START_MS = 90_000;
const MAX_STOP_MS = 30_000;

/** A server that was started from an installed program, in a folder and on a port of its own. */
export interface OwnServer {
  url: string;
  /** Ends it as an operator does, or at once, and waits for its end. */
  stop(signal?: 'SIGTERM' | 'SIGKILL'): Promise<void>;
  /** Starts it again on what it kept. */
  start(): Promise<void>;
  /** Sends a signal, as `SIGSTOP`, to its process. */
  signal(signal: NodeJS.Signals): void;
}

export interface Program {
  name: string;
  command: string;
  args: readonly string[];
  environment: Readonly<Record<string, string>>;
  folder: string;
  port: number;
  url: string;
  /** The signal that ends it without losing anything; SIGTERM unless told. */
  gentle?: NodeJS.Signals;
}

/** Where a server of one's own is to be, and what it is run under. */
export interface Placed {
  folder: string;
  port: number;
  /** A command and its arguments that the server is run under, and becomes. */
  under?: readonly string[] | undefined;
}

/** Whether something accepts connections at a port of this machine. */
export function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host: '127.0.0.1', port, timeout: 1_000 });
    const end = (found: boolean) => {
      socket.destroy();
      resolve(found);
    };
    socket.once('connect', () => end(true));
    socket.once('error', () => end(false));
    socket.once('timeout', () => end(false));
  });
}

/**
 * Starts a program that serves a port, and waits until it does. What it prints goes to a log in its folder.
 *
 * @throws Error when it ends instead, or does not serve in time
 */
export async function startProgram(program: Program): Promise<OwnServer> {
  const { name, command, args, environment, folder, port, url, gentle = 'SIGTERM' } = program;
  let child: ChildProcess | undefined;

  async function start() {
    const started = spawn(command, args, {
      cwd: folder,
      stdio: ['ignore', 'pipe', 'pipe'],
      env: { PATH: process.env.PATH, HOME: folder, ...environment },
      detached: true,
    });
    child = started;
    const log = createWriteStream(join(folder, `${name}.log`), { flags: 'a' });
    for (const stream of [started.stdout, started.stderr]) stream?.pipe(log, { end: false });
    await until(
      `${name} serves port ${port}`,
      async () => {
        if (started.exitCode !== null) return 'ended';
        return accepts(port);
      },
      MAX_START_MS,
    );
    if (started.exitCode !== null) throw new Error(`${name} ended at once; see ${join(folder, `${name}.log`)}`);
  }

  await start();
  return {
    url,
    start,
    signal(signal) {
      if (child?.pid) process.kill(-child.pid, signal);
    },
    async stop(signal = 'SIGTERM') {
      if (!child?.pid || child.exitCode !== null || child.signalCode !== null) return;
      const ended = once(child, 'exit');
      process.kill(signal === 'SIGKILL' ? -child.pid : child.pid, signal === 'SIGTERM' ? gentle : signal);
      await ended;
      await until(`${name} has let go of port ${port}`, async () => !(await accepts(port)), MAX_STOP_MS);
    },
  };
}
