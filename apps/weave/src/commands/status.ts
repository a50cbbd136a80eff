import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';
import type { Environment } from '@weave-nn/config';
import { type Connection, requireRunning } from '../connection.ts';
import { exitCodes } from '../errors.ts';
import { print } from '../output.ts';

interface System {
  version: string;
  status: string;
  services: { name: string; mode: string; status: string }[];
  index: { files: number; waiting: number; deadLetters: number } | null;
}

export interface StatusOptions {
  json?: boolean;
  watch?: boolean;
  /** Seconds between two looks. */
  interval: number;
}

/** From the top left corner on, the rest of the screen is empty. */
const CLEAR = '\u001b[H\u001b[J';

function describe({ url, pid }: Connection, { version, status, services, index }: System): string[] {
  const process = pid === undefined ? '' : `, process ${pid}`;
  return [
    `${url}  version ${version}${process}: ${status}`,
    ...services.map(({ name, mode, status: state }) => `  ${name.padEnd(10)} ${mode.padEnd(8)} ${state}`),
    ...(index
      ? [`  ${index.files} files indexed, ${index.waiting} events waiting, ${index.deadLetters} dead letters`]
      : []),
  ];
}

async function show(environment: Environment, json: boolean): Promise<number> {
  const connection = requireRunning(environment);
  const system = await connection.call<System>('/v1/system');
  const { url, pid } = connection;
  print(json, { url, pid, ...system }, () => describe(connection, system));
  return system.status === 'ready' ? exitCodes.ok : exitCodes.failed;
}

/** Says what runs and how it is, once or until it is interrupted; a system that goes away meanwhile is waited for. */
export async function status(
  environment: Environment,
  { json = false, watch, interval }: StatusOptions,
): Promise<number> {
  if (!watch) return show(environment, json);
  const interrupted = once(process, 'SIGINT').then(() => true);
  for (let isOver = false; !isOver; ) {
    if (process.stdout.isTTY) process.stdout.write(CLEAR);
    await show(environment, json).catch((error: Error) => process.stdout.write(`${error.message}\n`));
    isOver = await Promise.race([interrupted, setTimeout(interval * 1_000, false)]);
  }
  return exitCodes.ok;
}
