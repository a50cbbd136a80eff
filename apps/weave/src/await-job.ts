import { setTimeout } from 'node:timers/promises';
import type { Job } from '@weave-nn/clients';
import type { Connection } from './connection.ts';
import { openProgressBar } from './progress-bar.ts';

const POLL_INTERVAL_MS = 300;

/** The path of a job, for `call`. */
export function jobPath(id: string): string {
  return `/v1/jobs/${encodeURIComponent(id)}`;
}

/** Waits until a job has ended, and shows how far it is meanwhile. */
export async function awaitJob({ call }: Connection, id: string): Promise<Job> {
  const bar = await openProgressBar('{bar} {value}/{total}');
  try {
    for (;;) {
      const job = await call<Job>(jobPath(id));
      if (job.progress?.total !== undefined) bar.show(job.progress.done, job.progress.total);
      if (job.endedAt !== null) return job;
      await setTimeout(POLL_INTERVAL_MS);
    }
  } finally {
    bar.stop();
  }
}
