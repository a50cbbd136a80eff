import type { FileStatus } from './file/schemas.ts';
import type { IndexStatus } from './mcp-sync/schemas.ts';
import type { TaskServiceStatus } from './task/schemas.ts';

/** What `/v1/system` says of those that follow the vault; null for a service that does not answer. */
export interface SystemProgress {
  files: FileStatus | null;
  index: IndexStatus | null;
  tasks: TaskServiceStatus | null;
}

/** Whether the manifest is compared with the disk, and index and tasks have taken every event. */
export function hasCaughtUp({ files, index, tasks }: SystemProgress): boolean {
  return files?.comparing === false && index?.waiting === 0 && tasks?.waiting === 0 && !tasks.comparing;
}
