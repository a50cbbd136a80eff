import { readInstance } from '@weave-nn/service/instance';

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}

/** The process that runs on a data directory and listens; undefined when none does. */
export function readRunning(dataDir: string): { url: string; pid: number } | undefined {
  const instance = readInstance(dataDir);
  if (!instance?.url || !isAlive(instance.pid)) return undefined;
  return { url: instance.url, pid: instance.pid };
}
