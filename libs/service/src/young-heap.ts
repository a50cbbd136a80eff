import { PerformanceObserver } from 'node:perf_hooks';
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';

const LARGEST = 4 * 1024 * 1024;

function size(): number {
  return getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space')?.space_size ?? 0;
}

/**
 * Keeps the part of the heap where V8 puts what is new from growing to 128 MB, as it does while a vault is read, since
 * it stays so large in a process that is idle afterwards: half of that process's memory. Its limit can only be given
 * when Node is started, however that is done; that it goes on growing can be changed while it does.
 */
export function limitYoungHeap(): void {
  const observer = new PerformanceObserver(() => {
    if (size() < LARGEST) return;
    setFlagsFromString('--semi-space-growth-factor=1');
    observer.disconnect();
  });
  observer.observe({ entryTypes: ['gc'] });
}
