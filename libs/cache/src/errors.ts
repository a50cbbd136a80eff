export type CacheErrorCode = 'redis-address-invalid' | 'redis-unusable';

/** What goes wrong with the cache, with a stable code and a sentence to act on. No password is ever in it. */
export class CacheError extends Error {
  readonly code: CacheErrorCode;

  constructor(code: CacheErrorCode, message: string) {
    super(message);
    this.name = 'CacheError';
    this.code = code;
  }
}
