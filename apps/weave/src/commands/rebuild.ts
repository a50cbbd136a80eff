import type { Job } from '@weave-nn/clients';
import type { Environment } from '@weave-nn/config';
import { awaitJob } from '../await-job.ts';
import { requireRunning } from '../connection.ts';
import { CommandError, exitCodes } from '../errors.ts';
import { print } from '../output.ts';

/** Empties the index and fills it again from the files; waits until that is done. */
export async function rebuild(environment: Environment, json: boolean): Promise<number> {
  const connection = requireRunning(environment);
  const { id } = await connection.call<Job>('/v1/system/rebuild', { method: 'POST' });
  const job = await awaitJob(connection, id);
  if (job.state !== 'succeeded') {
    throw new CommandError(exitCodes.failed, `the rebuild ${id} ${job.state}: ${job.error?.message ?? 'no reason'}`);
  }
  const { files } = job.result as { files: number };
  const tookMs = Date.parse(job.endedAt ?? job.createdAt) - Date.parse(job.createdAt);
  print(json, { files, tookMs, job: id }, () => [`${files} files indexed in ${tookMs} ms`]);
  return exitCodes.ok;
}
