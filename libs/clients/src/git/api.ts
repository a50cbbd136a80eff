import type { GitStatus, HistoryItem } from './schemas.ts';

/** What other services ask of the git service. */
export interface GitApi {
  status(): Promise<GitStatus>;
  /** The newest commits that changed a file; ClientError `repository-missing` where the vault has no history. */
  history(path: string, limit: number): Promise<HistoryItem[]>;
}
