export type BackgroundErrorCode =
  | 'job-not-found'
  | 'job-ended'
  | 'job-abandoned'
  | 'job-unknown'
  | 'job-input-invalid'
  | 'schedule-invalid';

/** An error of background work, with a code that stays the same. */
export class BackgroundError extends Error {
  readonly code: BackgroundErrorCode;

  constructor(code: BackgroundErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'BackgroundError';
    this.code = code;
  }
}
