import type { RebuildResult } from '@weave-nn/clients';
import type { Environment } from '@weave-nn/config';
import { requireRunning } from '../connection.ts';
import { exitCodes } from '../errors.ts';
import { print } from '../output.ts';

/** Empties the index and fills it again from the files. */
export async function rebuild(environment: Environment, json: boolean): Promise<number> {
  const result = await requireRunning(environment).call<RebuildResult>('/v1/system/rebuild', { method: 'POST' });
  print(json, result, () => [`${result.files} files indexed in ${result.tookMs} ms`]);
  return exitCodes.ok;
}
