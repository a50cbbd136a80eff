import { createHash } from 'node:crypto';
import { readFileSync, realpathSync } from 'node:fs';
import { homedir } from 'node:os';
import { basename, join, resolve } from 'node:path';
import type { Environment } from '@weave-nn/config';

/** What a running process says of itself to those who look into its data directory. */
export interface Instance {
  pid: number;
  url: string | null;
  version: string;
}

/**
 * Who runs on a data directory, as far as it says.
 *
 * @returns undefined when nobody has announced itself
 */
export function readInstance(path: string): Instance | undefined {
  try {
    return JSON.parse(readFileSync(join(path, 'instance.json'), 'utf8'));
  } catch {
    return undefined;
  }
}

/**
 * Where a vault's databases and keys are kept when nobody says: a folder of its own for each vault.
 *
 * @param vaultPath the vault's folder, which must exist
 */
export function defaultDataDirectory(vaultPath: string, environment: Environment): string {
  const real = realpathSync(resolve(vaultPath));
  const hash = createHash('sha256').update(real).digest('hex').slice(0, 12);
  return join(dataHome(environment), `${basename(real) || 'vault'}-${hash}`);
}

/** Where a process keeps its own that has one service of many, which may never see the vault's folder. */
export function serviceDataDirectory(service: string, vaultId: string, environment: Environment): string {
  return join(dataHome(environment), `${vaultId}-${service}`);
}

function dataHome(environment: Environment): string {
  return join(environment.XDG_DATA_HOME || join(homedir(), '.local', 'share'), 'weave-nn');
}
