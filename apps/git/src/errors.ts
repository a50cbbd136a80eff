import type { Statuses } from '@weave-nn/service';

export type GitErrorCode =
  | 'git-missing'
  | 'git-too-old'
  | 'git-timeout'
  | 'git-failed'
  | 'output-too-large'
  | 'repository-missing'
  | 'repository-larger'
  | 'repository-not-owned'
  | 'repository-damaged'
  | 'repository-locked'
  | 'repository-bare'
  | 'repository-busy'
  | 'repository-empty'
  | 'repository-unwritable'
  | 'hook-failed'
  | 'signing-failed'
  | 'head-detached'
  | 'head-moved'
  | 'history-incomplete'
  | 'revision-not-found'
  | 'path-not-in-commit'
  | 'path-hidden'
  | 'cursor-invalid'
  | 'not-text'
  | 'rules-invalid'
  | 'restore-too-large'
  | 'file-refused'
  | 'file-unavailable'
  | 'remote-unset'
  | 'remote-unknown'
  | 'remote-unreachable'
  | 'remote-authentication'
  | 'remote-refused'
  | 'remote-unrelated'
  | 'remote-moved'
  | 'remote-path-invalid'
  | 'remote-empty'
  | 'still-working';

/** What the git service refuses or cannot do, with a stable code and a sentence to act on. */
export class GitError extends Error {
  readonly code: GitErrorCode;

  constructor(code: GitErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'GitError';
    this.code = code;
  }
}

export const isGitError = (error: unknown, ...codes: GitErrorCode[]): error is GitError =>
  error instanceof GitError && (codes.length === 0 || codes.includes(error.code));

/** How each code is answered, those of libs/vault included. */
export const statuses: Statuses = {
  'path-outside-vault': 400,
  'path-invalid': 400,
  'path-hidden': 400,
  'cursor-invalid': 400,
  'revision-not-found': 404,
  'path-not-in-commit': 404,
  'repository-missing': 409,
  'repository-larger': 409,
  'repository-bare': 409,
  'repository-not-owned': 409,
  'repository-busy': 409,
  'repository-empty': 409,
  'hook-failed': 409,
  'signing-failed': 409,
  'head-detached': 409,
  'remote-unset': 409,
  'remote-unknown': 409,
  'remote-unrelated': 409,
  'remote-path-invalid': 409,
  'history-incomplete': 409,
  'not-text': 422,
  'rules-invalid': 422,
  'restore-too-large': 422,
  'file-refused': 409,
  'output-too-large': 422,
  'git-missing': 503,
  'git-too-old': 503,
  'repository-damaged': 503,
  'repository-locked': 503,
  'repository-unwritable': 503,
  'head-moved': 503,
  'file-unavailable': 503,
  'remote-unreachable': 503,
  'remote-authentication': 503,
  'remote-refused': 503,
  'remote-moved': 503,
  'remote-empty': 409,
  'still-working': 503,
  'git-timeout': 504,
} satisfies Partial<Record<GitErrorCode, number>> & Record<string, number>;
