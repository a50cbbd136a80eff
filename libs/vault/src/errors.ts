/** What went wrong, as a stable kebab-case code callers can branch on. */
export type VaultErrorCode =
  | 'path-outside-vault'
  | 'path-invalid'
  | 'section-not-found'
  | 'section-ambiguous'
  | 'frontmatter-invalid'
  | 'frontmatter-not-a-list'
  | 'edit-invalid';

/** An error of this library: `code` is stable, `message` is one sentence a user can act on. */
export class VaultError extends Error {
  readonly code: VaultErrorCode;

  constructor(code: VaultErrorCode, message: string) {
    super(message);
    this.name = 'VaultError';
    this.code = code;
  }
}

/** Whether `error` is a `VaultError`, optionally with the given code. Never throws. */
export function isVaultError(error: unknown, code?: VaultErrorCode): error is VaultError {
  return error instanceof VaultError && (code === undefined || error.code === code);
}
