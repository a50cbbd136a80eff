import type { JobReference } from '../every-service/schemas.ts';
import type { Verification } from '../file/schemas.ts';
import type { GraphLink, IndexStatus } from './schemas.ts';

/** What other services ask of the read side. */
export interface McpSyncApi {
  status(): Promise<IndexStatus>;
  /** The first links to a file; ClientError 404 when the index does not know it. */
  backlinks(path: string, limit: number): Promise<GraphLink[]>;
  /**
   * Waits until search and graph include a path's state of that sequence, or a newer one; where that is its end, since
   * it was deleted or moved away, until they have it no more.
   *
   * @param timeout milliseconds, at most 30,000
   * @returns false when that did not come in time
   */
  waitApplied(path: string, sequence: number, timeout: number): Promise<boolean>;
  /** Compares the index and the event log with the manifest. */
  verify(): Promise<Verification>;
  /** Starts the job that empties the index and fills it again from the files; the one under way if there is one. */
  rebuild(): Promise<JobReference>;
}
