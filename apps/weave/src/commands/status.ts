import type { Environment } from '@weave-nn/config';
import { requireRunning } from '../connection.ts';
import { exitCodes } from '../errors.ts';
import { print } from '../output.ts';

interface System {
  version: string;
  status: string;
  services: { name: string; mode: string; status: string }[];
  index: { files: number; waiting: number; deadLetters: number } | null;
}

/** Says what runs and how it is. */
export async function status(environment: Environment, json: boolean): Promise<number> {
  const { url, pid, call } = requireRunning(environment);
  const system = await call<System>('/v1/system');
  print(json, { url, pid, ...system }, () => [
    `${url}  version ${system.version}, process ${pid}: ${system.status}`,
    ...system.services.map(({ name, mode, status: state }) => `  ${name.padEnd(10)} ${mode.padEnd(8)} ${state}`),
    ...(system.index
      ? [
          `  ${system.index.files} files indexed, ${system.index.waiting} events waiting, ${system.index.deadLetters} dead letters`,
        ]
      : []),
  ]);
  return system.status === 'ready' ? exitCodes.ok : exitCodes.failed;
}
