/** A progress bar on the terminal that shows errors; nothing is drawn where that is none. */
export interface ProgressBar {
  show(done: number, total: number): void;
  stop(): void;
}

/**
 * Opens a progress bar; it is drawn from its first `show` on.
 *
 * @param format as cli-progress reads it, with `{bar}`, `{value}` and `{total}`
 */
export async function openProgressBar(format: string): Promise<ProgressBar> {
  if (!process.stderr.isTTY) return { show: () => undefined, stop: () => undefined };
  const { Presets, SingleBar } = await import('cli-progress');
  const bar = new SingleBar({ format, stream: process.stderr, clearOnComplete: true }, Presets.shades_classic);
  let isDrawn = false;
  return {
    show(done, total) {
      if (!isDrawn) bar.start(total, done);
      isDrawn = true;
      bar.setTotal(total);
      bar.update(done);
    },
    stop() {
      if (isDrawn) bar.stop();
    },
  };
}
