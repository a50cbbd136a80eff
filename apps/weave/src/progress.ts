import { pause, systemRuntime } from '@weave-nn/config';
import type { WeaveProcess } from '@weave-nn/service';
import { openProgressBar } from './progress-bar.ts';

const POLL_INTERVAL_MS = 200;

/** Shows how far the first index is, until it has caught up. Searching works meanwhile on what is indexed. */
export async function showFirstIndex({ clients, stopping }: WeaveProcess): Promise<void> {
  if (!process.stderr.isTTY) return;
  const bar = await openProgressBar('indexing {bar} {value}/{total} files');
  let isShown = false;
  while (!stopping.aborted) {
    const { files, waiting } = await clients.mcpSync.status();
    if (waiting === 0 && (isShown || files > 0)) break;
    if (waiting > 0 || isShown) {
      bar.show(files, files + waiting);
      isShown = true;
    }
    await pause(systemRuntime, POLL_INTERVAL_MS, stopping);
  }
  bar.stop();
}
