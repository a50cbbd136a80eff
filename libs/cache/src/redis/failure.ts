import { CacheError } from '../errors.ts';
import type { Address } from './address.ts';

function sentenceOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  // What Node throws when no address of a host answers has a code and no message.
  return error.message || ('code' in error ? String(error.code) : error.name);
}

/**
 * Says in this library's errors why Redis cannot be used.
 *
 * The original is left behind: ioredis puts the command into it, which may be AUTH with the password, and a server
 * that doesn't know a command repeats its arguments in the message.
 */
export function toCacheError(error: unknown, { label, options }: Address): CacheError {
  const sentence = sentenceOf(error);
  const safe = options.password ? sentence.replaceAll(options.password, '***') : sentence;
  return new CacheError('redis-unusable', `Redis at ${label} cannot be used: ${safe}`);
}
