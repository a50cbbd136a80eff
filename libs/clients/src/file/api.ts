import type {
  ApplyRequest,
  BatchOperation,
  ChangedFile,
  DryRunResult,
  FileState,
  FileStatus,
  ManifestItem,
  Note,
  Verification,
} from './schemas.ts';

/** What other services ask of the file service. */
export interface FileApi {
  /** Bytes, hash and sequence of each path together, in the order asked; a path that is gone answers `deleted`. */
  read(paths: readonly string[]): Promise<FileState[]>;
  /** The whole manifest, page by page, ordered by path. */
  manifest(): AsyncIterable<readonly ManifestItem[]>;
  /**
   * A note with what was found in it.
   *
   * @throws ClientError 404 `file-not-found`
   */
  note(path: string): Promise<Note>;
  /**
   * Does several changes, all or none, on behalf of whoever the present work is done for; not tried again when no
   * answer comes.
   *
   * @param origin what the events say of where the change came from; `api` when left out
   * @returns what changed; a file that stays as it is, is left out
   * @throws ClientError with the file service's own code, 412 `precondition-failed` for a condition that does not hold
   */
  change(operations: readonly BatchOperation[], origin?: ApplyRequest['origin']): Promise<ChangedFile[]>;
  /** What the operations would do: a unified diff of every file. */
  preview(operations: readonly BatchOperation[]): Promise<DryRunResult['changes']>;
  status(): Promise<FileStatus>;
  /** Compares every file on disk with the manifest, by content. */
  verify(): Promise<Verification>;
}
