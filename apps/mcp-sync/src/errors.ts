import type { Statuses } from '@weave-nn/service';

export type ReadSideErrorCode =
  | 'note-not-found'
  | 'query-empty'
  | 'query-too-long'
  | 'query-unsupported'
  | 'query-invalid'
  | 'search-mode-unavailable'
  | 'cursor-invalid'
  | 'letter-not-found'
  | 'letter-settled'
  | 'letter-without-queue'
  | 'replay-running'
  | 'position-invalid'
  | 'event-type-unknown';

/** What the read side refuses, with a stable code and a sentence to act on. */
export class ReadSideError extends Error {
  readonly code: ReadSideErrorCode;

  constructor(code: ReadSideErrorCode, message: string) {
    super(message);
    this.name = 'ReadSideError';
    this.code = code;
  }
}

export const statuses: Statuses = {
  'note-not-found': 404,
  'query-empty': 400,
  'query-too-long': 400,
  'query-unsupported': 400,
  'query-invalid': 400,
  'search-mode-unavailable': 400,
  'cursor-invalid': 400,
  'position-invalid': 400,
  'event-type-unknown': 400,
  'letter-not-found': 404,
  'letter-settled': 409,
  'letter-without-queue': 409,
  'replay-running': 409,
  'path-outside-vault': 400,
  'path-invalid': 400,
};
