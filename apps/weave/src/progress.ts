import { pause, systemRuntime } from '@weave-nn/config';
import type { WeaveProcess } from '@weave-nn/service';

const EVERY = 200;

/**
 * Shows how far the first index is, until it has caught up. Searching works meanwhile on what is indexed.
 * Where the output is no terminal nothing is drawn.
 */
export async function showFirstIndex({ clients, stopping }: WeaveProcess): Promise<void> {
  if (!process.stderr.isTTY) return;
  const { Presets, SingleBar } = await import('cli-progress');
  const bar = new SingleBar(
    { format: 'indexing {bar} {value}/{total} files', stream: process.stderr, clearOnComplete: true },
    Presets.shades_classic,
  );
  let shown = false;
  while (!stopping.aborted) {
    const { files, waiting } = await clients.mcpSync.status();
    if (waiting === 0 && (shown || files > 0)) break;
    if (waiting > 0 && !shown) {
      bar.start(files + waiting, files);
      shown = true;
    }
    if (shown) {
      bar.setTotal(files + waiting);
      bar.update(files);
    }
    await pause(systemRuntime, EVERY, stopping);
  }
  if (shown) bar.stop();
}
