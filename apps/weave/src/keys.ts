import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Environment, readVariable } from '@weave-nn/config';
import { CommandError, exitCodes } from './errors.ts';

/** The key for a system that runs elsewhere. */
export function remoteKey(environment: Environment): string {
  const key = readVariable(environment, 'WEAVE_API_KEY');
  if (key) return key;
  throw new CommandError(exitCodes.usage, 'no key: set WEAVE_API_KEY, or name a file that holds it with --key-file');
}

/** The key for the system that runs on a data directory. */
export function keyFromDirectory(dataDir: string, environment: Environment): string {
  const key = readVariable(environment, 'WEAVE_API_KEY');
  if (key) return key;
  try {
    return readFileSync(join(dataDir, 'api-key'), 'utf8').trim();
  } catch {
    throw new CommandError(exitCodes.usage, 'no key: set WEAVE_API_KEY to the one the system was started with');
  }
}
