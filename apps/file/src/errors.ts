import type { Statuses } from '@weave-nn/service';

export type FileErrorCode =
  | 'file-not-found'
  | 'path-hidden'
  | 'path-is-symlink'
  | 'path-is-folder'
  | 'path-under-file'
  | 'path-refused'
  | 'name-collision'
  | 'target-exists'
  | 'name-unlinkable'
  | 'nothing-to-move'
  | 'precondition-failed'
  | 'note-not-utf8'
  | 'edit-content-invalid'
  | 'number-inexact'
  | 'not-a-note'
  | 'glob-invalid'
  | 'cursor-invalid'
  | 'version-not-found'
  | 'range-invalid'
  | 'idempotency-key-reused'
  | 'idempotency-key-invalid'
  | 'disk-full'
  | 'vault-read-only'
  | 'vault-missing'
  | 'write-pending'
  | 'file-busy'
  | 'disk-error';

/** What the file service refuses or cannot do, with a stable code and a sentence to act on. */
export class FileError extends Error {
  readonly code: FileErrorCode;

  constructor(code: FileErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'FileError';
    this.code = code;
  }
}

/** How each code is answered, those of libs/vault included. */
export const statuses: Statuses = {
  'path-outside-vault': 400,
  'path-invalid': 400,
  'path-hidden': 400,
  'path-is-symlink': 400,
  'path-refused': 400,
  'glob-invalid': 400,
  'cursor-invalid': 400,
  'edit-content-invalid': 400,
  'number-inexact': 400,
  'edit-invalid': 400,
  'name-unlinkable': 400,
  'idempotency-key-invalid': 400,
  'file-not-found': 404,
  'version-not-found': 404,
  'section-not-found': 404,
  'path-is-folder': 409,
  'path-under-file': 409,
  'name-collision': 409,
  'target-exists': 409,
  'nothing-to-move': 404,
  'section-ambiguous': 409,
  'precondition-failed': 412,
  'range-invalid': 416,
  'note-not-utf8': 422,
  'not-a-note': 422,
  'frontmatter-invalid': 422,
  'frontmatter-not-a-list': 422,
  'idempotency-key-reused': 422,
  'disk-full': 503,
  'vault-read-only': 503,
  'vault-missing': 503,
  'write-pending': 503,
  'file-busy': 503,
  'disk-error': 503,
};

/** The error for a file that somebody else writes at this moment. */
export function fileBusy(path: string): FileError {
  return new FileError('file-busy', `${path} is being written by another program; try again`);
}

/**
 * The typed error for what the file system said.
 *
 * @param doing what was being done, as in `write Notes/A.md`
 */
export function fromSystem(error: unknown, path: string, doing: string): FileError {
  if (error instanceof FileError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  const because = { cause: error };
  switch (code) {
    case 'ENOSPC':
    case 'EDQUOT':
      return new FileError(
        'disk-full',
        `cannot ${doing} ${path}: the disk is full; free some space and try again`,
        because,
      );
    case 'EROFS':
    case 'EACCES':
    case 'EPERM':
      return new FileError(
        'vault-read-only',
        `cannot ${doing} ${path}: the vault does not let this process write there; check its permissions`,
        because,
      );
    case 'ENAMETOOLONG':
    case 'EINVAL':
    case 'EILSEQ':
      return new FileError('path-refused', `cannot ${doing} ${path}: the file system refuses this name`, because);
    case 'ENOTDIR':
    case 'EEXIST':
      return new FileError(
        'path-under-file',
        `cannot ${doing} ${path}: a part of the path before its end is a file`,
        because,
      );
    case 'EXDEV':
      return new FileError(
        'disk-error',
        `cannot ${doing} ${path}: its folder is on another disk than the one it would go to; copy it there instead`,
        because,
      );
    case 'EISDIR':
      return new FileError('path-is-folder', `cannot ${doing} ${path}: it is a folder`, because);
    default:
      return new FileError('disk-error', `cannot ${doing} ${path}: ${message}`, because);
  }
}
